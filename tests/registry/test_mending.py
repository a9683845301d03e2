"""Advice does no harm: whatever is proposed for certain, applied, gives a file with fewer problems and no new one.

Of the examples of one mistake, tests/registry/test_broken.py shows it. `check --fix` changes nothing else.
"""

import re
from collections import Counter
from collections.abc import Set
from itertools import chain, pairwise
from pathlib import Path
from unittest.mock import Mock

import mutated
import pytest
from checking import VALID, problems, replaced
from examples import EXAMPLES, FILES, made
from hypothesis import given
from hypothesis import strategies as st
from support import table
from test_examples import NEGATIVE, POSITIVE

from service.problems import Diagnostic, Edit
from service.registry.edit import mending
from service.registry.edit.mending import mended, together
from service.registry.edit.modules import TOO_LARGE, is_too_large
from service.registry.lint.linter import Linted, lint
from service.registry.lint.nodes import applied
from service.registry.loading.loader import Examined, examine
from service.registry.model import Registry

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


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_mistakes_change(newline: str, mark: str) -> None:
    wanted = "# Tabs\tand “quotes”  \n" + replaced(VALID, "category: sources", "category:    'sources'  # c")
    broken = replaced(replaced(wanted, "pipelinable:", "pipelineable:"), "legacy_features:", "legacy_feature:")
    assert len(problems(broken)) == 2
    done = mended((mark + broken.replace("\n", newline)).encode())
    assert done[:2] == ((mark + wanted.replace("\n", newline)).encode(), 2)


def test_what_is_not_certain_stays() -> None:
    broken = replaced(replaced(VALID, "pipelinable:", "pipelineable:"), "category: sources", "category: nonsense")
    after, number, *_ = mended(broken.encode())
    assert (after, number) == (replaced(broken, "pipelineable:", "pipelinable:").encode(), 1)
    assert mended(b"modules: \xff")[:2] == (b"modules: \xff", 0), "bytes that are no text stay"


@pytest.mark.parametrize("path", [*NEGATIVE, *POSITIVE], ids=lambda path: path.stem)
def test_no_example_has_more_problems_and_a_second_run_changes_nothing(path: Path) -> None:
    data = path.read_bytes()
    after, number, *_ = mended(data)
    assert len(problems(after)) == len(problems(data)) - number
    assert number >= 0
    assert (after == data) is (number == 0)
    assert mended(after)[:2] == (after, 0)


@pytest.mark.parametrize(
    "seeds", [range(101, 109), pytest.param(range(109, 200), marks=pytest.mark.long)], ids=["some", "many"]
)
def test_files_that_are_broken_at_random_have_no_more_problems_either(seeds: range) -> None:
    for seed in seeds:
        data = mutated.mutated(seed)
        after, number, *_ = mended(data)
        before, behind = (lint(each) for each in (data, after))
        is_read = not before.unread  # else more is told of the rest, and mended
        assert not is_read or len(behind.diagnostics) <= len(before.diagnostics) - number, seed
        assert mended(after)[:2] == (after, 0), seed


def toy(text: str) -> Examined:
    """A linter for which some letters are problems, each with an edit that mends it, or does not."""
    fixes = {
        "x": lambda at: (Edit(at, at + 1, "."),),
        "y": lambda at: (Edit(at, at + 1, "yy"),),
        "v": lambda at: (Edit(at, at + 1, "." if text[at + 1 : at + 2] == "." else "vx"),),
        "z": lambda at: (Edit(at, at + 1, "." if text[at - 1 : at] == "." else "zx"),),
        "w": lambda at: (Edit(max(0, at - 1), at + 1, "."),),
    }
    told = [Diagnostic("toy", at, sign, edits=fixes[sign](at)) for at, sign in enumerate(text) if sign in fixes]
    return Examined(Linted(text, None, told, []), None if told else Registry(()), tuple(told))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("abc", "abc"),
        ("axbxc", "a.b.c"),
        ("y", "y"),  # it would be worse
        ("xyxxyx", ".y..y."),  # and does not keep others from being mended
        ("xz", ".."),  # what one brings within reach is mended next
        ("vx", ".."),  # also where that was passed over before
        ("az", "az"),
        ("aww", "."),  # edits that touch each other are made one after the other
    ],
)
def test_each_edit_has_to_leave_fewer_problems(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    monkeypatch.setattr(mending, "examine", lambda data, *_, **__: toy(data.decode()))
    done, number, *_ = mended(before.encode())
    assert len(toy(done.decode()).problems) == len(toy(before).problems) - number
    assert done.decode() == after
    assert mended(done)[:2] == (done, 0)


@pytest.mark.parametrize(
    ("first", "then", "most"),
    [(0.001, 0.001, 2501), (0.02, 0.02, 126), (0.5, 0.5, 5), (1.3, 1.2, 2), (2.4, 2.4, 2), (2.6, 1, 1), (0.1, 2.4, 2)],
)
def test_no_try_begins_that_would_end_too_late(
    monkeypatch: pytest.MonkeyPatch, first: float, then: float, most: int
) -> None:
    """The first look and each other take so many seconds. One in ten edits makes the file worse, so many are needed."""
    look = Mock(side_effect=lambda data, *_, **__: toy(data.decode()))
    monkeypatch.setattr(mending, "examine", look)
    monkeypatch.setattr(mending, "process_time", lambda: first + then * (look.call_count - 1) if look.called else 0)
    done = mended(b"xxxxxyxxxx" * 30)
    assert min(2, most) <= look.call_count <= most
    assert ("not all that may be mended was tried" in done.untried) is (first > 0.01)
    assert done.number == len(done.before.problems) - len(done.after.problems)
    assert toy(done.data.decode()).problems == done.after.problems


BROKEN = "modules:\n  - { slug: a, category: tools, label: { fr: A, en: A }, is_metta: true }\n"


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_of_one_mib_or_150_000_values_is_the_largest_that_is_mended(more: int) -> None:
    data = (BROKEN + "#" * (1024 * 1024 - len(BROKEN) + more)).encode()
    done = mended(data)
    assert (done.number, done.data == data, done.untried == TOO_LARGE) == (1 - more, bool(more), bool(more))
    assert is_too_large(b"", 150_000 + more) is bool(more)


def test_edits_are_made_in_the_order_of_the_text_and_refused_if_they_overlap_or_leave_it() -> None:
    assert applied("abc", [Edit(2, 2, "1"), Edit(0, 1, ""), Edit(2, 2, "2")]) == "b12c", "in their own at one place"
    for edits in ([Edit(0, 2, ""), Edit(1, 3, "")], [Edit(2, 9, "")], [Edit(2, 1, "")]):
        with pytest.raises(ValueError, match="overlaps"):
            applied("abc", edits)


#: The valid file, with an anchor.
ANCHORED = replaced(VALID, "  - slug: scrap\n", "  - &scrap\n    slug: scrap\n")


@pytest.mark.parametrize("line", ["    << *nobody", "<< *scrap", "      << *scrap"])
def test_what_is_not_certain_to_be_a_merge_is_not_mended(line: str) -> None:
    text = replaced(ANCHORED, "  - slug: legal_data\n", f"  - slug: legal_data\n{line}\n")
    assert problems(text) != []
    assert mended(text.encode())[:2] == (text.encode(), 0)
