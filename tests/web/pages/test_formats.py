"""Times and numbers as each language writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import Environment

from service.web.pages.texts import FILTERS

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
