"""The texts of the interface: none is missing, and none is left over."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogues import catalogue, extracted, translated

from service.web.pages.languages import LANGUAGES
from service.web.pages.texts import LOCALE, translations

FILES = sorted(LOCALE.glob("*.po"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_text_is_missing_and_none_is_left_over(file: Path) -> None:
    """`make texts` brings a catalogue up to date."""
    listed = catalogue(file.stem)
    assert {message.id for message in listed} - {""} == {message.id for message in extracted()} - {""}
    assert [message.id for message in listed if not translated(message)] == []
    assert not listed.obsolete
    errors = {message.id: list(map(str, found)) for message, found in listed.check()}
    assert errors == {}, "filled in as its source is not"


def test_french_is_typeset_as_french() -> None:
    """No-break spaces before : ; ! ? and within « », and typographic apostrophes."""
    for message in (message for message in catalogue("fr") if message.id):
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert "'" not in text, text
            assert "administrateur" not in text, "an admin is one"
            for mark in ":;!?»":
                for at, one in enumerate(text):
                    assert one != mark or text[at - 1] in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", text


def test_numbers_take_each_languages_own_plural() -> None:
    assert {file.stem for file in FILES} == set(LANGUAGES) - {"en"}
    forms = {lang: translations(lang) for lang in LANGUAGES}
    assert [forms["en"].ngettext("one", "many", number) for number in (0, 1, 2)] == ["many", "one", "many"]
    # Of a text that has no translation GNUTranslations says what English would; French has its own rule for others.
    assert forms["fr"].gettext("Modules") == "Modules"
