"""A car's attempts in a real browser: sound at a desk and on a phone, curves drawn, the raw journal to take along."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from campaign.domain.vehicle import Status
from tests.fakes.scene import Scene

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "person", "lang"), [("desktop", "anna", "en"), ("phone", "liqiang", "zh")])
def test_a_failed_flash_is_told_whole_and_soundly(visitor_on, night: Scene, size, person, lang) -> None:
    vin = night.vins(Status.REWORK)[0]
    visitor = visitor_on(size)
    page = visitor.sign_in(person, f"cars?vin={vin}")
    page.wait_for_selector(".attempt .curve img")
    visitor.settle()
    assert visitor.unsound() == []
    told = page.locator(".attempt").first.inner_text()
    assert {"en": "Writing to unit displays failed", "zh": "写入控制器 displays 失败"}[lang] in told
    assert "negative response" not in page.locator("body").inner_text()
    line = page.locator(".attempt .curve img").first
    assert line.evaluate("e => e.complete && e.naturalWidth") == 300
    visitor.picture(f"attempts-{size}-{lang}")


def test_the_raw_journal_is_taken_along_as_it_is_sealed(visitor_on, night: Scene, tmp_path: Path) -> None:
    vin = night.vins(Status.REWORK)[0]
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", f"cars?vin={vin}")
    page.wait_for_selector(".attempt-seal")
    with page.expect_download() as taken:
        page.locator("[data-testid=stDownloadButton] button").first.click()
    kept = tmp_path / "journal"
    taken.value.save_as(kept)
    seal = hashlib.sha256(kept.read_bytes()).hexdigest()
    expect(page.locator(".attempt-seal").first).to_contain_text(seal)
