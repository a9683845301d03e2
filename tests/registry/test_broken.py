"""One mistake, as pull requests bring them, is one problem at its place, in words that help; and sound files have none.

The mistakes are the rows of broken.yaml.
"""

import re
from typing import Any

import pytest
import yaml
from checking import expanded, problems, replaced, warnings
from examples import EXAMPLES, FILES, SHIPPED, TABLE, Example, made, params, says
from support import replace_once, table

from service.registry.edit.mending import mended
from service.registry.lint.characters import describe
from service.registry.lint.linter import lint
from service.registry.lint.nodes import applied

SHORT = FILES["short"]
TOLD = table(__file__, "told.yaml")
#: Examples that edit the entry brand_assets, or the line of legacy_features, and may do so in another file as well.
EDITS = [
    example
    for example in EXAMPLES
    if example.row.get("of") == "short"
    and (example.row.get("in") == "brand_assets" or "legacy_features:" in str(example.row.get("old")))
]
#: Examples of entries in the wrong place.
MOVED = [one for one in EXAMPLES if "podcasts" in str(one.row.get("meant"))]


def told(text: str | bytes) -> list[str]:
    """The rules of all problems, in their order."""
    return [problem.rule for problem in problems(text)]


def lines_of(text: str, pointer: str) -> tuple[int, int]:
    """The first and the last line of what a JSON Pointer leads to; of what lacks it, where that is not there."""
    node = yaml.compose(text, yaml.CSafeLoader)
    begins = node.start_mark.line
    *above, last = pointer.split("/")[1:]
    for name in (*above, last):
        if isinstance(node, yaml.MappingNode):
            nodes = [(key, value) for key, value in node.value if key.value == name.replace("~1", "/")]
        else:
            nodes = [(value, value) for value in node.value[int(name) :][:1]]
        if not nodes and name == last:
            break
        begins = nodes[0][0].start_mark.line
        node = nodes[-1][1]
    return min(begins, node.start_mark.line) + 1, node.end_mark.line + 1


@pytest.mark.parametrize("example", params([each for each in EXAMPLES if "told" not in each.row]))
def test_it_is_one_problem_at_its_place_and_its_edits_mend_it(example: Example) -> None:
    (problem,) = problems(example.data)
    assert (problem.line, problem.column, problem.rule) == (*example.place, example.row["rule"]), problem
    assert problem.text == example.row["words"]
    if problem.pointer and example.row["rule"] != "syntax" and "*" not in example.text:
        first, last = lines_of(example.text, problem.pointer)
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
    unread = lint(example.data).unread
    for after in [applied(example.text, each.edits) for each in told[:3] if each.edits]:
        assert len(problems(after)) < len(told) or lint(after.encode()).unread < unread


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


def test_so_it_is_where_lines_end_with_cr_alone() -> None:
    text = "modules:\r  slug: crm\r  category: tools\r  label: { fr: C, en: C }\r  api_endpoint: /api/crm\r"
    (problem,) = problems(text)
    assert problem.text == "modules is a mapping, not a list; begin each entry with - slug: ..."
    assert problems(applied(text, problem.edits)) == []


@pytest.mark.parametrize(
    "english",
    [
        "|",
        "|-",
        "| # to do",
        ">-\n      en: >-\n        Contacts",
        ">-\n      fr: Clients\n        Contacts\n      fr: Contacts",
    ],
)
def test_what_would_be_a_part_of_a_text_or_all_of_it_is_told_and_not_mended(english: str) -> None:
    french = "" if "fr:" in english else "fr: C\n      "
    text = f"modules:\n  - slug: crm\n    category: tools\n    label:\n      {french}en: {english}\n    is_meta: true\n"
    (problem,) = problems(text)
    assert not problem.edits


def test_a_date_in_quotes_that_end_on_the_next_line_is_told() -> None:
    assert "pattern" in {each.rule for each in problems("removed:\n  - date: '2025-01-01\n'")}


@pytest.mark.parametrize("name", TOLD)
def test_all_that_is_told_of_a_file(name: str) -> None:
    told = problems(made(TOLD[name]))
    said = [
        f"{each.line}:{each.column}-{each.end_line}:{each.end_column} {each.rule} {each.pointer}: {each.text}"
        for each in told
    ]
    assert said == TOLD[name]["told"]
    edits = [len(each.edits) for each in told]
    assert edits == TOLD[name].get("mended_by", edits)


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
MISTAKEN = replace_once(SHIPPED, OTHERS)


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
    mistakes = [
        ("slug: scrap", "slug:scrap"),
        ("  - slug: emails", "  – slug: emails"),
        ("produces: [company_ids]", "produces: [company_ids"),
    ]
    text = replace_once(SHIPPED, mistakes)
    assert [problem.line for problem in problems(text)] == [8, 38, 92]
    assert problems(applied(text, [edit for problem in problems(text) for edit in problem.edits])) == []


@pytest.mark.parametrize("row", table(__file__, "sound.yaml"), ids=lambda row: row["new"].strip()[:40])
def test_what_is_sound_stays_so_however_lines_end(row: dict[str, str]) -> None:
    text = made({"in": "brand_assets", **row}, of=SHORT)
    for line_break in ("\n", "\r\n", "\r"):
        assert problems(text.replace("\n", line_break)) == []


WORDS = table(__file__, "words.yaml")


@pytest.mark.parametrize("field", WORDS["fields"])
def test_a_field_by_another_name_is_told_by_its_own(field: str) -> None:
    for name in WORDS["fields"][field].split():
        text = re.sub(rf"\b{field}:", f"{name}:", WORDS["file"], count=1)
        (problem,) = problems(text)
        assert f'"{name}"' in problem.message and re.search(rf"(did you mean|write) {field}\b", problem.hint), problem
        assert applied(text, problem.edits) == (text if name in WORDS["uncertain"] else WORDS["file"]), name


@pytest.mark.parametrize("row", WORDS["values"], ids=lambda row: f"{row['line']} {row['words']}"[:60])
def test_a_word_for_another_is_told_as_that(row: dict[str, Any]) -> None:
    words = row["words"].split() if isinstance(row["words"], str) else row["words"]
    for word in words:
        text = WORDS["entry"] + row["line"].replace("@", word) + "\n"
        (told,) = problems(text) or warnings(text)
        sign = describe(word) if len(word) == 1 else ""
        assert (told.rule, told.text) == (row["rule"], expanded(row["says"]).replace("@", word).replace("SIGN", sign))
        mended = WORDS["entry"] + row.get("mends", row["line"]).replace("@", word) + "\n"
        assert applied(text, told.edits) == mended


#: Syntax errors that are told.
MOST_TOLD = 50

HEAD = """modules:
  - { slug: first, category: tool, label: { fr: A, en: B }, needs: [last], coming_soon: true }
"""
BROKEN = """  - slug: broken{0}
    category: tools
    label: {{ fr: A{0}, en: B{0}
    coming_soon: true
"""
TAIL = """  - slug: last
    category: tool
    label: { fr: Y, en: Z }
    produces: [last]
    api_endpoint: /api/last
"""
LEGACY = "legacy_features: [old, old]\n"


def with_errors(number: int) -> str:
    return HEAD + "".join(map(BROKEN.format, range(number))) + TAIL + LEGACY


def test_what_comes_before_the_last_is_checked_and_what_it_may_have_is_not_missing() -> None:
    told = problems(with_errors(MOST_TOLD + 9))
    assert [problem.rule for problem in told] == ["enum"] + ["syntax"] * MOST_TOLD
    first = with_errors(MOST_TOLD - 1).count("\n", 0, with_errors(MOST_TOLD - 1).index(TAIL)) + 1
    assert re.search(rf"; the rest of the file, from line {first} on,? is not read", told[-1].hint)
    assert not any("not read" in problem.hint for problem in told[:-1])
    fewer = [problem.rule for problem in problems(with_errors(MOST_TOLD - 1))]
    assert fewer == ["enum"] + ["syntax"] * (MOST_TOLD - 1) + ["enum", "repeated-item"]


def test_the_lines_that_were_not_read_are_counted_from_the_entry_on() -> None:
    text = with_errors(MOST_TOLD)
    assert text.splitlines()[-lint(text.encode()).unread + 1] == f"  - slug: broken{MOST_TOLD - 1}"
    assert lint(with_errors(1).encode()).unread == 0


def test_all_are_mended_in_several_rounds() -> None:
    after, number, *_ = mended(with_errors(2 * MOST_TOLD + 9).encode())
    assert number == 2 * MOST_TOLD + 9 + 3
    assert problems(after) == []
