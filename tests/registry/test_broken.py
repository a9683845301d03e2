"""One mistake, as pull requests bring them, is one problem at its place, in words that help; and sound files have none.

The mistakes are the rows of broken.yaml.
"""

from __future__ import annotations

import re

import pytest
from checking import problems, replaced
from examples import EXAMPLES, FILES, SHIPPED, TABLE, Example, made, params, replaced_all, says
from support import table

from service.registry.lint.nodes import applied
from service.registry.lint.reading import Reader
from service.registry.loading import examine

SHORT = FILES["short"]
TOLD = table(__file__, "told.yaml")
#: Examples that are edits of the entry brand_assets, which may be made in another file as well, and of whole entries.
EDITS = [one for one in EXAMPLES if one.row.get("of") == "short" and one.row.get("in") == "brand_assets"]
MOVED = [one for one in EXAMPLES if "podcasts" in str(one.row.get("meant"))]


def told(text: str | bytes) -> list[str]:
    """The rules of all problems, in their order."""
    return [problem.rule for problem in problems(text)]


def unread_lines(text: str) -> int:
    """How many lines at the end of a file are not read."""
    return examine(text.encode(), "registry.yaml").linted.unread


def lines_of(text: str, path: tuple[str | int, ...]) -> tuple[int, int]:
    """The first and the last line of what a path leads to; of what lacks it, where that is not there."""
    root = Reader(text.removeprefix("\ufeff"), lambda _: 1).read()
    assert root is not None
    try:
        node = root.at(path)
    except LookupError:
        node = root.at(path[:-1])
    return text.count("\n", 0, node.place) + 1, text.count("\n", 0, node.end) + 1


@pytest.mark.parametrize("example", params([each for each in EXAMPLES if "told" not in each.row]))
def test_it_is_one_problem_at_its_place_and_its_edits_mend_it(example: Example) -> None:
    (problem,) = problems(example.data)
    assert (problem.line, problem.column, problem.rule) == (*example.place, example.row["rule"]), problem
    assert problem.text == example.row["words"]
    if problem.pointer and example.row["rule"] != "syntax" and "*" not in example.text:
        first, last = lines_of(example.text, problem.path)
        assert first - 1 <= problem.line <= last + 2, problem.pointer
    mends = example.row.get("mends", [])
    edits = [[example.text[edit.start : edit.end], edit.new] for edit in problem.edits]
    assert edits == mends or (mends is True and edits)
    if problem.edits:
        after = applied(example.text, problem.edits)
        assert problems(after) == []
        assert example.meant in (None, says(after))


@pytest.mark.long  # since it tries so many edits of each
@pytest.mark.parametrize("example", params([each for each in EXAMPLES if "told" in each.row]))
def test_what_else_it_is_told_as_is_known_and_its_edits_leave_fewer_problems(example: Example) -> None:
    told = problems(example.data)
    assert [f"{each.line} {each.rule}" for each in told[:12]] + ["more"] * (len(told) > 12) == example.row["told"]
    unread = unread_lines(example.text)
    for after in [applied(example.text, each.edits) for each in told[:3] if each.edits]:
        assert len(problems(after)) < len(told) or unread_lines(after) < unread


def test_of_twelve_mistakes_eleven_are_one_problem_on_their_line() -> None:
    for examples in (EXAMPLES, [example for example in EXAMPLES if not example.row.get("nightly")]):
        assert sum("told" in example.row for example in examples) <= 0.08 * len(examples)


@pytest.mark.parametrize("example", params([each for each in EDITS + MOVED if each.row.get("mends")], one_in=25))
def test_so_it_is_where_lines_end_with_cr_and_lf(example: Example) -> None:
    text = example.text.replace("\n", "\r\n")
    (problem,) = problems(text)
    assert (problem.line, problem.column, problem.rule) == (*example.place, example.row["rule"])
    after = applied(text, problem.edits)
    assert problems(after) == []
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize("name", TOLD)
def test_all_that_is_told_of_a_file(name: str) -> None:
    said = [
        f"{each.line}:{each.column}-{each.end_line}:{each.end_column} {each.rule} {each.pointer}: {each.text}"
        for each in problems(made(TOLD[name]))
    ]
    assert said == TOLD[name]["told"]


#: More modules than are looked at around a syntax error.
MORE = "modules:\n" + "".join(
    f"  - slug: m{number}\n    category: tools\n"
    f"    label: {{ fr: A{number}, en: B{number} }}\n    api_endpoint: /api/m{number}\n"
    for number in range(800)
)


@pytest.mark.parametrize("example", params(EDITS, one_in=150))
def test_in_a_large_file_it_is_told_in_the_same_words(example: Example) -> None:
    large = replaced(example.text, "modules:\n", MORE)
    alone, among_many = (
        [(problem.rule, re.sub(r"\d+", "#", problem.text)) for problem in problems(text)]
        for text in (example.text, large)
    )
    assert alone == among_many


def test_a_bracket_at_the_end_of_a_large_file_closes_nothing() -> None:
    (problem,) = problems(f"{MORE}  ]\n")
    assert (problem.line, problem.column) == (3202, 3)
    assert "there is a ] here, and nothing is open that it could close" in problem.text


#: A dozen other mistakes of the shipped file.
OTHERS = TABLE["others"]
MISTAKEN = replaced_all(SHIPPED, OTHERS)


#: Those that are told as one mistake, but for what is left out as a whole, with one of the others in it.
SYNTAX = [
    one
    for one in EDITS
    if one.row["rule"] == "syntax" and "told" not in one.row and one.row.get("old") != "legacy_features:"
]


@pytest.mark.parametrize("example", params(SYNTAX, one_in=40))
def test_a_syntax_error_hides_no_other_mistake(example: Example) -> None:
    others = told(MISTAKEN)
    assert len(others) == len(OTHERS)
    assert sorted(told(made(example.row, of=MISTAKEN).replace("¦", ""))) == sorted([*others, *example.rules])


#: The shipped file with one mistake, which is told beside that of a file as a whole.
SOURCE = replaced(SHIPPED, "category: sources", "category: source")
WHOLE = TABLE["whole"]


@pytest.mark.parametrize("example", params([each for each in EXAMPLES if each.row.get("name") in WHOLE]))
def test_what_is_wrong_with_a_whole_file_hides_no_other_mistake(example: Example) -> None:
    text = made(example.row, of=SOURCE).replace("¦", "")
    told = problems(text.encode(example.row.get("encoding", "utf-8"), "replace"))
    assert sorted(each.rule for each in told) == sorted([*example.rules, "enum"])
    assert not ("encoding" in example.row and any(each.edits for each in told))


def test_several_syntax_errors_are_told_side_by_side_and_mended_together() -> None:
    text = SHIPPED
    for old, new in [("slug: scrap", "slug:scrap"), ("  - slug: emails", "  – slug: emails"), ("ids]", "ids")]:
        text = replaced(text, old, new)
    assert [problem.line for problem in problems(text)] == [8, 38, 92]
    assert problems(applied(text, [edit for problem in problems(text) for edit in problem.edits])) == []


@pytest.mark.parametrize("row", table(__file__, "sound.yaml"), ids=lambda row: row["new"].strip()[:40])
def test_what_is_sound_stays_so_however_lines_end(row: dict[str, str]) -> None:
    text = made({"in": "brand_assets", **row}, of=SHORT)
    for line_break in ("\n", "\r\n", "\r"):
        assert problems(text.replace("\n", line_break)) == []
