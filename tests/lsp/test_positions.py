"""Places as editors count them, in each encoding of the protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.lsp.positions import Place, Positions

ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_a_character_takes_as_many_units_as_its_encoding_says(encoding: str, character: int) -> None:
    positions = Positions("a\n b\r\n😀c", encoding)
    assert positions.place(7) == (2, character - 1)
    assert positions.place(8) == (2, character)
    assert positions.offset(Place(2, character)) == 8


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(["a", "é", "😀", "\n", "\r", "\u2028", "\x0c"], max_size=12))
def test_every_offset_has_a_place_and_leads_back(encoding: str, text: str) -> None:
    positions = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n" or text[offset : offset + 1] in ("\r", "\n"):
            continue  # the end of a line, which `offset` gives for anything beyond it
        assert positions.offset(positions.place(offset)) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_nowhere_is_at_the_end_of_its_line_or_of_the_text(encoding: str) -> None:
    positions = Positions("ab\r\nc", encoding)
    assert (positions.offset(Place(0, 99)), positions.offset(Place(9, 9))) == (2, 5)


def test_half_a_character_is_the_place_before_it_and_a_surrogate_alone_is_one_unit() -> None:
    assert Positions("a😀b").offset(Place(0, 2)) == 1
    assert Positions("\ud83da").place(2) == (0, 2)
