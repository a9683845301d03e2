"""What came from outside is safe to print."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.wording import how_it_ended, json_text, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31m\r\n\u202eb\udcff\x9b", r"a\x1b[31m\r\n\u202eb\udcff\x9b"),  # a terminal acts on these
        ("::error::x", r"\x3a:error::x"),  # a CI runner takes these for commands
        (" \N{NO-BREAK SPACE}::x", " \N{NO-BREAK SPACE}\\x3a:x"),
        ("a ##[error]x", r"a \x23#[error]x"),
        ("Qualité\N{NO-BREAK SPACE}: l'été, 日本, 🎉", "Qualité\N{NO-BREAK SPACE}: l'été, 日本, 🎉"),
    ],
)
def test_text_stays_as_it_is_but_for_what_is_acted_on(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert shown.replace("\xa0", "").replace("\u202f", "").isprintable()
    shown.encode("utf-8")


@given(st.text())
def test_json_keeps_its_value(text: str) -> None:
    assert json.loads(json_text(text)) == text


def test_how_a_process_ended_is_said_in_words() -> None:
    assert (how_it_ended(-9), how_it_ended(3)) == ("ended by SIGKILL", "ended with exit code 3")
