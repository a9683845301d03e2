"""Every page as data, and the languages and themes that the browser tests and the pictures walk them in."""

from typing import NamedTuple

import pytest
from support import table

LANGUAGES = ("fr", "en")
EACH_LANGUAGE = pytest.mark.parametrize("lang", LANGUAGES)
OTHER = {"fr": "en", "en": "fr"}
#: What a browser of somebody of each language asks for.
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
THEMES = ("light", "dark")
#: What a sheet of paper is wide, without margins of 10 mm, in CSS pixels.
A4 = 718


def says(lang: str, en: str, fr: str) -> str:
    """What a page says in its language."""
    return {"en": en, "fr": fr}[lang]


class Listed(NamedTuple):
    """One page in one situation, as pages.yaml has it."""

    name: str
    path: str
    who: str | None = None
    status: int = 200
    provider: bool = False


PAGES = [Listed(name, **fields) for name, fields in table(__file__, "pages.yaml").items()]
