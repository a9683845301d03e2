"""What came from outside is safe to print."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.wording import either, how_it_ended, joined, json_text, pluralized, printable, quoted, shortened


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


LETTERS = list("abcdefghijklm")
#: What words are made of, and the words.
WORDS = [
    (json_text("##[error]\x1b\u202e"), r'"\u0023#[error]\u001b\u202e"'),
    (json_text({"label": "Économie 🎉"}), '{"label": "Économie 🎉"}'),
    (quoted("x" * 60), f'"{"x" * 60}"'),
    (quoted("x" * 61), f'"{"x" * 57}..."'),
    (shortened("abcdefgh", 7), "abcd..."),
    (shortened("abcdefg", 7), "abcdefg"),
    *zip((joined(LETTERS[:number]) for number in range(4)), ["", "a", "a and b", "a, b and c"], strict=True),
    (joined(LETTERS[:12]), "a, b, c, d, e, f, g, h, i, j, k and l"),
    (joined(LETTERS), "a, b, c, d, e, f, g, h, i, j and 3 others"),
    (either(LETTERS[:3]), "a, b or c"),
    *zip((pluralized(number, "vote") for number in (0, 1, 2)), ["0 votes", "1 vote", "2 votes"], strict=True),
    (how_it_ended(-9), "ended by SIGKILL"),
    (how_it_ended(3), "ended with exit code 3"),
]


@pytest.mark.parametrize(("said", "expected"), WORDS)
def test_what_is_said_is_safe_short_and_english(said: str, expected: str) -> None:
    assert said == expected
