"""Texts of the interface, of which none is missing or left over, and times and numbers as each language has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from catalogues import catalogue, extracted, translated
from jinja2 import Environment

from service.web.pages.languages import FILTERS, LANGUAGES, LOCALE, translations

FILES = sorted(LOCALE.glob("*.po"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_text_is_missing_and_none_is_left_over(file: Path) -> None:
    """`make texts` brings a catalogue up to date."""
    listed = catalogue(file.stem)
    assert {message.id for message in listed} - {""} == {message.id for message in extracted()} - {""}
    assert [message.id for message in listed if not translated(message)] == []
    assert not listed.obsolete
    errors = {message.id: list(map(str, problems)) for message, problems in listed.check()}
    assert errors == {}, "filled in as its source is not"


def test_french_is_typeset_as_french() -> None:
    """No-break spaces before : ; ! ? and within « », and typographic apostrophes."""
    for message in (message for message in catalogue("fr") if message.id):
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert "'" not in text, text
            assert "administrateur" not in text, "an admin is one"
            for mark in ":;!?»":
                for at, character in enumerate(text):
                    assert character != mark or text[at - 1] in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", text


def test_numbers_take_each_languages_own_plural() -> None:
    assert {file.stem for file in FILES} == set(LANGUAGES) - {"en"}
    forms = {lang: translations(lang) for lang in LANGUAGES}
    assert [forms["en"].ngettext("one", "many", number) for number in (0, 1, 2)] == ["many", "one", "many"]
    # Of a text that has no translation GNUTranslations says what English would; French has its own rule for others.
    assert forms["fr"].gettext("Modules") == "Modules"


TEMPLATES = Environment(autoescape=True)
TEMPLATES.filters |= FILTERS

WHEN = datetime(2020, 9, 1, 7, 5, tzinfo=UTC)


def shown(template: str, lang: str, value: object) -> str:
    text = TEMPLATES.from_string(f"{{{{ value|{template} }}}}").render(value=value, lang=lang)
    return text.replace("\N{NO-BREAK SPACE}", "_").replace("\N{NARROW NO-BREAK SPACE}", "_")


@pytest.mark.parametrize(
    ("template", "value", "en", "fr"),
    [
        ("exactly", WHEN, "1_September 2020, 07:05 UTC", "1er_septembre 2020, 07:05 UTC"),
        ("clock", WHEN.replace(hour=19), "19:05", "19:05"),
        ("day", "2020-09-11", "11_September 2020", "11_septembre 2020"),
        ("short_day", "2020-09-11", "11 Sept 2020", "11 sept. 2020"),
        ("ago", WHEN, "1 Sept 2020", "1 sept. 2020"),
        ("number", 1234567, "1,234,567", "1_234_567"),
        ("signed", -1500, "−1,500", "−1_500"),
        ("signed", 1500, "+1,500", "+1_500"),
        ("signed", 0, "0", "0"),
        ("percent(3)", 1, "33%", "33_%"),
        ("percent(0)", 1, "0%", "0_%"),
    ],
)
def test_what_is_written_by_each_language(template: str, value: object, en: str, fr: str) -> None:
    assert (shown(template, "en", value), shown(template, "fr", value)) == (en, fr)


@pytest.mark.parametrize(
    ("passed", "template", "en", "fr"),
    [
        (timedelta(seconds=50), "ago", "", ""),
        (timedelta(seconds=61), "ago", "1 minute ago", "il y a 1 minute"),
        (timedelta(hours=2), "ago(short=True)", "2 hr ago", "il y a 2_h"),
        (timedelta(days=5, hours=23), "ago", "6 days ago", "il y a 6 jours"),
        (timedelta(seconds=5), "duration", "1 minute", "1 minute"),
        (timedelta(days=3, hours=2), "duration", "3 days", "3_jours"),
    ],
)
def test_how_long_ago_something_was(passed: timedelta, template: str, en: str, fr: str) -> None:
    when = datetime.now(UTC) - passed
    assert (shown(template, "en", when), shown(template, "fr", when)) == (en, fr)
