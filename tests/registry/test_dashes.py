"""Dashes that lack, are too many or stand elsewhere, and what stands around a key: one problem each, at its place."""

from __future__ import annotations

import pytest
from checking import one_in, problems, replaced, unmarked
from dash_edits import DASHES, SOUND
from test_syntax_edits import MISTAKES, SHIPPED, SHORT, mended


@pytest.mark.parametrize(("edit", "rule", "words", "mends"), DASHES.values(), ids=list(DASHES))
@pytest.mark.parametrize("line_break", ["\n", pytest.param("\r\n", marks=pytest.mark.long)])
def test_one_edit(edit: tuple[str, str], rule: str, words: str, mends: bool, line_break: str) -> None:
    text, places = unmarked(replaced(SHORT, *edit))
    text = text.replace("\n", line_break)
    found = problems(text)
    print(*found, sep="\n")
    assert [(problem.line, problem.column, problem.rule) for problem in found] == [(*places[0], rule)]
    assert words in found[0].text
    assert bool(found[0].fix) == mends
    after = mended(text, found)
    assert not mends or problems(after) == []
    assert after.count("\n") == after.count(line_break)


@pytest.mark.parametrize(("edit", "rule"), one_in(10, ((name, case[:2]) for name, case in DASHES.items())))
def test_it_hides_no_other_mistake(edit: tuple[str, str], rule: str) -> None:
    text, others = replaced(SHIPPED, edit[0], edit[1].replace("¦", "")), 0
    for right, wrong in MISTAKES:
        if right in text:
            text, others = replaced(text, right, wrong), others + 1
    doubtful = rule == "duplicate-key"  # the fields that the entry before has twice
    assert len(problems(text)) == others + 1 - doubtful


@pytest.mark.parametrize("edit", SOUND)
def test_what_is_sound_stays_so(edit: tuple[str, str]) -> None:
    assert problems(replaced(SHORT, *edit)) == []
