"""Advice does no harm: whatever is proposed for certain, applied, gives a file with fewer problems and no new one.

Of the examples of one mistake, tests/registry/test_broken.py shows it.
"""

import re
from collections import Counter
from collections.abc import Set
from itertools import chain, pairwise
from pathlib import Path

import mutated
import pytest
from examples import EXAMPLES, FILES, made
from hypothesis import given
from hypothesis import strategies as st
from support import table
from test_examples import NEGATIVE

from service.problems import Diagnostic
from service.registry.edit.mending import together
from service.registry.lint.nodes import applied
from service.registry.loading import examine

SHORT = FILES["short"]


def told(text: str) -> tuple[Diagnostic, ...]:
    """All problems of a text."""
    return examine(text.encode(), "registry.yaml", most=10_000).problems


#: The rules that are silent as long as it is not known what some module produces: a fix may let them speak.
SILENT = {"artifact-missing", "self-supply", "waiting-knot"}


def harm(text: str, besides: Set[str] = frozenset(), reveal: Set[str] = frozenset()) -> list[str]:
    """What fixes of a file do that they must not, each on its own, and those that do not overlap all together.

    `besides` are rules that are not looked at. A fix of the rules of `reveal` may bring to light another problem of the
    same place in its stead, but no further one; with "syntax", so may any fix beside a syntax error, since what is left
    out as a line says nothing of what follows of its entry.
    """
    text = text.removeprefix("\ufeff")
    problems = told(text)
    said = [
        f"{problem}: its edits overlap or are out of order"
        for problem in problems
        for each, other in pairwise(problem.edits)
        if each.end > other.start
    ]
    fixes = {each.edits: {each.rule} for each in problems if each.edits}
    all_at_once = tuple(chain(*together(problems)))
    for edits, rules_of in {all_at_once: {each.rule for each in problems if each.edits}, **fixes}.items():
        after = told(applied(text, edits))
        rules, were = (Counter(each.rule for each in some if each.rule not in besides) for some in (after, problems))
        reveals = rules_of & reveal or ("syntax" in reveal and any(each.rule == "syntax" for each in problems))
        fewer = rules.total() < were.total() or (edits in fixes and rules_of & besides)
        if edits and not (reveals and rules.total() <= were.total()) and (rules - were or not fewer):
            said.append(f"{edits} of {[*map(str, problems)]} leave {[*map(str, after)]}")
    return said


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_advice_on_an_example_does_no_harm(path: Path) -> None:
    assert harm(path.read_text(encoding="utf-8")) == []


#: A line of an entry with one field: its beginning, and the name with the value.
FIELD = re.compile(r"^( +(?:- )?)(\w+: [^{].*)$", re.MULTILINE)
CHANGES = table(__file__, "mending.yaml")


def changed(draw: st.DrawFn, text: str, field: re.Match[str]) -> str:
    """The text with another field in place of one."""
    return text[: field.start(2)] + re.sub(*draw(st.sampled_from(CHANGES)), field[2]) + text[field.end() :]


@st.composite
def mistaken(draw: st.DrawFn, text: str, most: int) -> str:
    """The text with one mistake or several, each in another entry."""
    fields = list(FIELD.finditer(text))
    chosen = draw(st.lists(st.integers(0, len(fields) - 1), min_size=1, max_size=most, unique=True))
    for number in sorted(chosen, reverse=True):
        text = changed(draw, text, fields[number])
    return text


@st.composite
def mistaken_beside_a_syntax_error(draw: st.DrawFn, text: str) -> str:
    """The text with one entry that has a syntax error and another mistake, often on the same line."""
    broken = made(draw(st.sampled_from(SYNTAX)), of=text).replace("¦", "")
    fields = list(FIELD.finditer(broken, broken.index("  - slug: brand_assets\n")))
    return changed(draw, broken, fields[draw(st.integers(0, 9))])


#: Edits of a part of the entry brand_assets that break its syntax.
SYNTAX = [
    one.row
    for one in EXAMPLES
    if (one.row.get("of"), one.row.get("in"), one.row["rule"]) == ("short", "brand_assets", "syntax")
    and "  - slug: brand_assets\n" in made(one.row, of=SHORT)
]


@given(mistaken(SHORT, 1))
def test_advice_on_a_random_mistake_mends_it(text: str) -> None:
    assert harm(text) == []


@given(st.one_of(mistaken(SHORT, 4), mistaken_beside_a_syntax_error(SHORT)))
def test_advice_on_random_mistakes_and_beside_a_syntax_error_mends_them(text: str) -> None:
    assert harm(text, besides=SILENT, reveal={"syntax"}) == []


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(range(101, 161), marks=pytest.mark.long),
        pytest.param(range(161, 1_500), marks=pytest.mark.nightly),
    ],
    ids=["some", "many"],
)
def test_advice_on_a_file_that_is_broken_at_random_does_no_harm(numbers: range) -> None:
    """A name that a copy of an entry may still get is in doubt until the copy is gone: it may be missing then.

    One file of a hundred may do harm: where more of it is read once a line is mended, more may be wrong.
    """
    bad = {}
    for number in numbers:
        data = mutated.mutated(number)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(text) < 60_000 and (said := harm(text, besides=SILENT, reveal={"syntax", "duplicate-slug"})):
            bad[number] = said
    assert len(bad) * 100 <= len(numbers), bad
