"""Files that were copied, quoted, wrapped, cut off, or are none of a registry: one problem, and what mends it."""

from __future__ import annotations

import pytest
import yaml
from checking import one_in, problems
from test_mending import applied
from whole_files import (
    BINARY,
    CUT,
    DIFFS,
    ENCODED,
    EVERYWHERE,
    FOREIGN,
    JSON,
    PREFIXED,
    SHIPPED,
    TWICE,
    WRAPPED,
    Whole,
    before,
    replaced,
    wrapped,
)

ALL = {**PREFIXED, **DIFFS, **WRAPPED, **TWICE, **FOREIGN, **CUT, **EVERYWHERE}


@pytest.mark.parametrize("whole", one_in(3, ((name, (whole,)) for name, whole in ALL.items())))
def test_it_is_one_problem_at_its_line(whole: Whole) -> None:
    found = problems(whole.text)
    print(*found, sep="\n")
    assert [(problem.line, problem.rule) for problem in found] == [(whole.line, whole.rule)]
    assert whole.words in found[0].text
    assert bool(found[0].fix) == (whole.mends is not None)


MENDED = [(name, (whole,)) for name, whole in ALL.items() if whole.mends is not None]


@pytest.mark.parametrize("whole", one_in(3, MENDED))
def test_its_fix_gives_the_file_that_was_meant(whole: Whole) -> None:
    assert isinstance(whole.text, str) and whole.mends is not None
    text = applied(whole.text, problems(whole.text)[0].fix)
    assert problems(text) == []
    assert yaml.load(text, yaml.CSafeLoader) == yaml.load(whole.mends, yaml.CSafeLoader)


MISTAKEN = replaced("category: sources", "category: source")


@pytest.mark.parametrize(
    "text",
    [
        before("> ", MISTAKEN),
        "@@ -1,7 +1,7 @@\n" + MISTAKEN,
        wrapped("registry:", text=MISTAKEN),
        MISTAKEN + MISTAKEN,
        replaced("\nmodules:", "\n? modules:", MISTAKEN),
        replaced("\nmodules:", "\nentries:", MISTAKEN),
    ],
)
def test_what_else_is_wrong_in_it_is_told_as_well(text: str) -> None:
    assert sorted(problem.rule for problem in problems(text))[-2:].count("enum") == 1
    assert len(problems(text)) == 2


@pytest.mark.parametrize("text", [MISTAKEN, "modules:\n  - slug: maps\n"])
def test_nothing_else_is_told_of_what_is_a_comment(text: str) -> None:
    assert [problem.rule for problem in problems(before("# ", text))] == ["empty"]


def test_a_file_of_which_only_some_lines_have_a_sign_is_told_line_by_line() -> None:
    text = before("> ").replace("\n> modules:\n", "\nmodules:\n")
    assert len(problems(text)) > 1


def test_an_example_in_the_comments_of_an_empty_file_is_not_made_its_content() -> None:
    (problem,) = problems("# The modules of the platform.\n# modules:\n#   - slug: scrap\n")
    assert (problem.rule, problem.fix) == ("empty", ())


@pytest.mark.parametrize(("encoding", "line", "words"), ENCODED.values(), ids=list(ENCODED))
def test_another_encoding_is_named_and_hides_no_other_mistake(encoding: str, line: int, words: str) -> None:
    (problem,) = problems(SHIPPED.encode(encoding, "replace"))
    assert (problem.line, problem.rule, problem.fix) == (line, "encoding", ())
    assert words in problem.text
    found = problems(MISTAKEN.encode(encoding, "replace"))
    assert sorted(problem.rule for problem in found) == ["encoding", "enum"]
    assert not any(problem.fix for problem in found)


@pytest.mark.parametrize(("name", "data"), BINARY.items(), ids=list(BINARY))
def test_what_is_no_text_is_named(name: str, data: bytes) -> None:
    (problem,) = problems(data)
    assert (problem.line, problem.rule) == (1, "encoding")
    assert name in problem.text


def test_the_slashes_of_an_address_begin_no_comment_of_json() -> None:
    text = "{ modules: [], x: https://example.org/a, y: [ }\n"
    assert "JSON" not in " ".join(problem.text for problem in problems(text))
    text = replaced('"A"', '"https://example.org"', JSON).replace("[\n", "[\n // all\n", 1)
    (problem,) = problems(text)
    assert [edit.new for edit in problem.fix] == ["#"]
