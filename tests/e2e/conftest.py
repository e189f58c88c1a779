"""A real browser at the real application over one night's campaign."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboard.i18n import CATALOGUE
from tests.fakes.scene import CONFIGS, PASSWORD, Scene, night_scene, settled_clock
from tests.servers.needs import need_chromium
from tests.servers.web_board import running_board

ROOT = Path(__file__).parents[2]
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
IN_DOCS = {
    "approve-desktop-en", "batch-desktop-en", "board-desktop-en", "board-desktop-zh", "board-phone-zh",
    "car-desktop-en", "marks-next-phone-zh", "marks-refused-phone-zh", "plan-desktop-en", "sign-in-desktop",
}  # fmt: skip
PATIENCE_MS = 30_000
RAW_KEY = re.compile(r"\b(?:" + "|".join(sorted({k.split(".")[0] for k in CATALOGUE})) + r")\.[a-z][a-z_]+\b")

# Texts that leave their tile or lie over each other, found by the boxes that the browser drew.
UNSOUND = """() => {
  const told = [];
  const boxes = '.tile, .point, .station, .batch, .card, .panel, .line, .plate, .next, .fact, .story-row, .headline';
  for (const box of document.querySelectorAll(boxes)) {
    if (box.closest('.stale-note') || !box.getClientRects().length) continue;
    const frame = box.getBoundingClientRect();
    const inner = box.querySelector(boxes) ? [] : [...box.querySelectorAll('*')].filter(e =>
      !e.children.length && e.textContent.trim() && e.getClientRects().length);
    const drawn = inner.map(e => { const r = document.createRange(); r.selectNodeContents(e);
      return [e.textContent.trim(), r.getBoundingClientRect()]; });
    for (const [text, r] of drawn)
      if (r.right > frame.right + 1 || r.left < frame.left - 1 || r.bottom > frame.bottom + 2)
        told.push('leaves its box: ' + text);
    for (let i = 0; i < drawn.length; i++) for (let j = i + 1; j < drawn.length; j++) {
      const [a, b] = [drawn[i][1], drawn[j][1]];
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 2 && h > 6) told.push('overlap: ' + drawn[i][0] + ' / ' + drawn[j][0]);
    }
  }
  for (const e of document.querySelectorAll('button p, [data-testid=stWidgetLabel] p, .next-words, h1, h2'))
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) told.push('truncated: ' + e.textContent);
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) told.push('scrolls sideways');
  return told;
}"""


@dataclass
class Visitor:
    """Somebody at a screen: signs in through the page, and knows whether what they see is sound."""

    page: Page
    address: str
    context: BrowserContext
    outside: list[str] = field(default_factory=list)

    def sign_in(self, person: str, path: str = "") -> Page:
        """Through the form, to the page that was asked for."""
        self.page.goto(f"{self.address}/{path}")
        self.page.fill("#person", person)
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".st-key-who", timeout=PATIENCE_MS)
        return self.page

    def speak(self, lang: str) -> None:
        """Change the language where a person does."""
        name = {"en": "English", "zh": "中文"}[lang]
        self.page.locator(".st-key-who button").first.click()
        self.page.get_by_role("radio", name=name).or_(
            self.page.get_by_role("button", name=name)
        ).first.click()
        self.page.keyboard.press("Escape")
        word = {"en": "Board", "zh": "看板"}[lang]
        self.page.wait_for_function(
            "word => document.title && document.body.innerText.includes(word)", arg=word
        )

    def settle(self) -> None:
        """Until nothing runs and the fonts are there."""
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'",
            timeout=PATIENCE_MS,
        )
        self.page.evaluate("document.fonts.ready")

    def unsound(self) -> list[str]:
        """Everything that must not be seen: overlaps, cut words, traces, raw ids, outside calls."""
        told = list(self.page.evaluate(UNSOUND)) + [f"called outside: {url}" for url in self.outside]
        if self.page.locator("[data-testid=stException]").count():
            told.append("a stack trace")
        told += [f"raw id: {key}" for key in RAW_KEY.findall(self.page.locator("body").inner_text())]
        return told

    def picture(self, name: str, *, whole: bool = True) -> Path:
        """A screenshot under build/pictures; with PICTURES=1 those that the docs show go to docs/pictures."""
        width = self.page.viewport_size["width"]
        if whole:
            height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            self.page.set_viewport_size({"width": width, "height": min(max(700, height), 5000)})
            self.settle()
        kept = ROOT / "build" / "pictures" / f"{name}.png"
        kept.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=kept)
        if os.environ.get("PICTURES") == "1" and name in IN_DOCS:
            shutil.copyfile(kept, ROOT / "docs" / "pictures" / kept.name)
        return kept


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """03:12 of the first night, in a home of its own."""
    with night_scene(tmp_path_factory.mktemp("night") / "home") as scene:
        settled_clock(scene)
        yield scene


@pytest.fixture(scope="session")
def address(night: Scene) -> Iterator[str]:
    """The running application."""
    with running_board(night.settings.home, CONFIGS) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    program = need_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visitor_on(browser: Browser, address: str) -> Iterator[object]:
    """`visitor_on("phone")`: a fresh browser profile of that size."""
    contexts: list[BrowserContext] = []

    def open_on(size: str) -> Visitor:
        width, height = SIZES[size]
        scale = 2 if size == "phone" else 1
        context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, has_touch=size == "phone"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(page, address, context)
        page.on("request", lambda request: _note_outside(visitor, request.url))
        return visitor

    yield open_on
    for context in contexts:
        context.close()


def _note_outside(visitor: Visitor, url: str) -> None:
    inside = (visitor.address, visitor.address.replace("http", "ws"), "data:", "blob:")
    if not url.startswith(inside):
        visitor.outside.append(url)
