"""The pages' own texts, by id, in English and Chinese side by side. Words of the domain: campaign.wording."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.i18n import (
    attempts,
    board,
    cars,
    control,
    frame,
    journal,
    marks,
    plan,
    quality,
    signing_in,
    staff,
    worklist,
)  # fmt: skip

Speaker = Callable[..., str]
"""`t("board.released", done=3)`: the text in the viewer's language, with its values filled in."""

LANGUAGES = {"en": "English", "zh": "中文"}

PARTS = (
    attempts, board, cars, control, frame, journal, marks, plan, quality, signing_in, staff, worklist,
)  # fmt: skip

CATALOGUE: dict[str, tuple[str, str]] = {
    f"{part.__name__.rpartition('.')[2]}.{key}": texts for part in PARTS for key, texts in part.TEXTS.items()
}


def speaker(lang: str) -> Speaker:
    """Speaks one language. An unknown id is a bug and raises KeyError."""
    place = 1 if lang == "zh" else 0

    def speak(key: str, **values: object) -> str:
        return CATALOGUE[key][place].format(**values)

    return speak


def likely_language(accept: str) -> str:
    """From a browser's Accept-Language: Chinese where it comes before English."""
    wanted = [part.split(";")[0].strip()[:2].lower() for part in accept.split(",")]
    return next((lang for lang in wanted if lang in LANGUAGES), "en")
