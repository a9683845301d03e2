"""Texts of the interface, of which none is missing or left over, and times and numbers as each language has them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from application import table
from catalogues import catalogue, extracted, translated
from jinja2 import Environment

from service.web.languages import FILTERS, LOCALE


@pytest.mark.parametrize("file", sorted(LOCALE.glob("*.po")), ids=lambda file: file.stem)
def test_no_text_is_missing_and_none_is_left_over(file: Path) -> None:
    """`make generate` brings a catalogue up to date."""
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
            assert not re.search(r"(?<![\xa0\u202f])[:;!?»]", text), text


TEMPLATES = Environment(autoescape=True)
TEMPLATES.filters |= FILTERS
WRITTEN = table("pages/written.yaml")


def shown(template: str, value: object) -> list[str]:
    """What is written in English and in French, with _ for a no-break space."""
    filtered = TEMPLATES.from_string(f"{{{{ value|{template} }}}}")
    return [re.sub("[\xa0\u202f]", "_", filtered.render(value=value, lang=lang)) for lang in ("en", "fr")]


@pytest.mark.parametrize(("template", "value", "en", "fr"), WRITTEN["at a moment"])
def test_what_is_written_by_each_language(template: str, value: object, en: str, fr: str) -> None:
    assert shown(template, value) == [en, fr]


@pytest.mark.parametrize(("template", "passed", "en", "fr"), WRITTEN["ago"])
def test_how_long_ago_something_was(template: str, passed: int, en: str, fr: str) -> None:
    assert shown(template, datetime.now(UTC) - timedelta(seconds=passed)) == [en, fr]
