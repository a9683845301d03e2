"""Advice does no harm: whatever is proposed for certain, applied, gives a file with fewer problems and no new one.

Of the examples of one mistake, tests/registry/test_broken.py shows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from itertools import pairwise
from pathlib import Path

import mutated
import pytest
from examples import EXAMPLES, FILES, made
from hypothesis import given
from hypothesis import strategies as st
from test_examples import NEGATIVE

from service.problems import Diagnostic, Edit
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
    fixes = [problem.edits for problem in problems if problem.edits]
    said = []
    for problem in problems:
        for each, other in pairwise(problem.edits):
            if each.end > other.start:
                said.append(f"{problem}: its edits overlap or are out of order")
    together: list[Edit] = []
    for fix in fixes:
        if not any(_clash(each, other) for each in fix for other in together):
            together += fix
    for edits in [*fixes, together] if len(fixes) > 1 else fixes:
        after = told(applied(text, edits))
        rules, were = (Counter(each.rule for each in some if each.rule not in besides) for some in (after, problems))
        is_besides = any(each.rule in besides and each.edits == edits for each in problems)
        reveals = any(
            each.rule in reveal and (edits is together or each.edits == edits) for each in problems if each.edits
        )
        reveals |= "syntax" in reveal and any(each.rule == "syntax" for each in problems)
        if reveals and rules.total() <= were.total():
            continue
        if rules - were or (rules.total() >= were.total() and not is_besides):
            said.append(f"{edits} of {[*map(str, problems)]} leave {[*map(str, after)]}")
    return said


def _clash(edit: Edit, other: Edit) -> bool:
    return edit == other or (edit.start < other.end and other.start < edit.end)


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_advice_on_an_example_does_no_harm(path: Path) -> None:
    assert harm(path.read_text(encoding="utf-8")) == []


#: A line of an entry with one field: its beginning, the name and the value.
FIELD = re.compile(r"^(?P<before> +(?:- )?)(?P<name>\w+): (?P<value>[^{].*)$", re.MULTILINE)


CHANGES = {
    "none": lambda name, value: (name, "none"),
    "null": lambda name, value: (name, "null"),
    "no": lambda name, value: (name, "no"),
    "yes in quotes": lambda name, value: (name, '"yes"'),
    "a number": lambda name, value: (name, "12"),
    "capitals": lambda name, value: (name, value.title()),
    "dashes": lambda name, value: (name, value.replace("_", "-")),
    "blanks": lambda name, value: (name, value.replace("_", " ").replace("-", " ")),
    "brackets": lambda name, value: (name, f"[{value}]"),
    "no brackets": lambda name, value: (name, value.strip("[]") or "none"),
    "quotes": lambda name, value: (name, f'"{value}"' if '"' not in value else value),
    "a slash more": lambda name, value: (name, value + "/"),
    "a letter less": lambda name, value: (name, value[:-1]),
    "two letters swapped": lambda name, value: (name[:2] + name[3:4] + name[2:3] + name[4:], value),
    "a name with dashes": lambda name, value: (name.replace("_", "-") + "s", value),
    "a letter of the name less": lambda name, value: (name[:-1], value),
    "a tag": lambda name, value: (name, f"!x {value}"),
    "a state": lambda name, value: (name, "coming_soon"),
    "a state of another name": lambda name, value: ("status", "on-demand"),
    "twice": lambda name, value: (name, f"{value}\n    {name}: {value}"),
    "a comma": lambda name, value: (name, f"{value}, {value}"),
}


@st.composite
def mistaken(draw: st.DrawFn, text: str, most: int) -> str:
    """The text with one mistake or several, each in another entry."""
    fields = list(FIELD.finditer(text))
    chosen = draw(st.lists(st.integers(0, len(fields) - 1), min_size=1, max_size=most, unique=True))
    for number in sorted(chosen, reverse=True):
        field = fields[number]
        name, value = CHANGES[draw(st.sampled_from([*CHANGES]))](field["name"], field["value"])
        text = f"{text[: field.start()]}{field['before']}{name}: {value}{text[field.end() :]}"
    return text


@st.composite
def mistaken_beside_a_syntax_error(draw: st.DrawFn, text: str) -> str:
    """The text with one entry that has a syntax error and another mistake, often on the same line."""
    row = draw(st.sampled_from(SYNTAX))
    broken = made(row, of=text).replace("¦", "")
    fields = list(FIELD.finditer(broken, broken.index("  - slug: brand_assets\n")))
    field = fields[draw(st.integers(0, 9))]
    name, value = CHANGES[draw(st.sampled_from([*CHANGES]))](field["name"], field["value"])
    return f"{broken[: field.start()]}{field['before']}{name}: {value}{broken[field.end() :]}"


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
    """A name that a copy of an entry may still get is in doubt until the copy is gone: it may be missing then."""
    bad = {}
    for number in numbers:
        data = mutated.mutated(number)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(text) < 60_000 and (said := harm(text, besides=SILENT, reveal={"syntax", "duplicate-slug"})):
            bad[number] = said
    assert bad == {}
