"""YAML text with places: limits, what is refused, and that lines and columns are those of an editor."""

import time

import pytest
from checking import VALID, problems, unmarked
from support import table

from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import end_of
from service.registry.lint.reading import MAX_ALIASED, MAX_DEPTH, Reader

ENTRY = """modules:
  - slug: scrap
    category: sources
    label: {{ fr: {fr}, en: Scraper }}
    api_endpoint: /api/scrap
"""


def value(text: str) -> object:
    reader = Reader(text, lambda _: 1)
    root = reader.read()
    assert not reader.diagnostics and root is not None
    return root.value


def rules(text: str | bytes) -> list[str]:
    return [p.rule for p in problems(text)]


@pytest.mark.parametrize("zeros", [1, 128, 512, 5_000, 100_000])
def test_zeros_behind_a_file_or_alone_are_one_mistake_and_are_no_utf_16(zeros: int) -> None:
    for text in (VALID, "modules: []\n"):
        (problem,) = problems(text + "\0" * zeros)
        assert problem.message == "the invisible character U+0000 is not allowed"
        assert (problem.line, len(problem.edits)) == (text.count("\n") + 1, 1)
    (problem,) = problems("\0" * (zeros + 100))
    assert problem.hint == "there is nothing else in the file: bring back what it had"
    assert problem.edits == ()


@pytest.mark.parametrize(
    ("places", "number"), [(104, "103"), (1_000, "999"), (1_001, "more than 1,000"), (9_000, "more than 1,000")]
)
def test_many_characters_that_are_not_allowed_are_one_mistake(places: int, number: str) -> None:
    (problem,) = problems(VALID + "#\x7f\n" * places)
    assert problem.message == f"the invisible character U+007F is not allowed, here and at {number} other places"
    assert len(problem.edits) == (places if places <= 1_000 else 0)


def test_the_size_limit() -> None:
    padding = b"#" * (MAX_BYTES - len(VALID.encode()) - 1) + b"\n"
    assert problems(padding + VALID.encode()) == []
    assert rules(b"#" + padding + VALID.encode()) == ["size"]


def test_the_nesting_limit() -> None:
    assert value("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert rules("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["nesting"]
    assert rules("[" * 100_000) in (["nesting"], ["syntax"])
    inner = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert rules(f"[&a {inner}, [*a]]") == ["nesting"]  # the alias counts with what it stands for


def test_the_alias_limit() -> None:
    items = ", ".join(["x"] * 999)
    fits = MAX_ALIASED // 1000
    assert value(f"[&a [{items}], {', '.join(['*a'] * fits)}]") is not None
    assert rules(f"[&a [{items}], {', '.join(['*a'] * (fits + 1))}]") == ["alias-limit"]


def test_a_merge_bomb() -> None:
    fields = ", ".join(f"k{number}: x" for number in range(1000))
    merges = "\n".join(f"  - <<: *a\n    n: {number}" for number in range(200))
    assert rules(f"a: &a {{ {fields} }}\nb:\n{merges}\n") == ["alias-limit"]
    doubled = "\n".join(f"k{n}: &k{n}\n  <<: [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 20))
    assert rules(f"k0: &k0 {{ x: y }}\n{doubled}\n") == ["alias-limit"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "!!map {a: !!str no, b: !!seq [!!bool yes], c: !!null ~, d: ! x}",
            {"a": "no", "b": [True], "c": None, "d": "x"},
        ),
        ("a: &a {x: 'y', z: w}\nb: {<<: *a, x: v}", {"a": {"x": "y", "z": "w"}, "b": {"x": "v", "z": "w"}}),
        ("a: &a {x: 'y', z: w}\nb: {<<: [{x: v}, *a]}", {"a": {"x": "y", "z": "w"}, "b": {"x": "v", "z": "w"}}),
        ("[yes, True, ON, no, False, OFF, 'yes', \"off\"]", [True, True, True, False, False, False, "yes", "off"]),
    ],
    ids=["tags that are safe", "a key given again beside a merge key", "the first of several merges", "booleans"],
)
def test_values_are_those_of_yaml_1_1(text: str, meant: object) -> None:
    assert value(text) == meant


@pytest.mark.parametrize(("length", "whole"), [(299, True), (300, True), (301, False)])
def test_a_pointer_ends_before_a_key_of_absurd_length(length: int, whole: bool) -> None:
    key = "x" * length
    (problem,) = problems(f"modules: []\n{key}: {{}}\n")
    assert problem.pointer == (f"/{key}" if whole else "")


@pytest.mark.parametrize(
    "text",
    ["Données d’été", "🚀🚀", "e\u0301", "日本語", "'a\u2028b'", "'a\u0085b'", "'a\u2029'", "\U0010fffd"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_are_those_of_an_editor_whatever_comes_before(text: str, newline: str) -> None:
    marked = ENTRY.format(fr=f"{text}, ¦it: x").replace(", en: Scraper", ", en: S") + "¦other: x\n"
    plain, places = unmarked(marked)
    assert [(p.line, p.column) for p in problems(plain.replace("\n", newline))] == places


def test_a_long_text_in_typographic_quotes_is_mended_as_a_whole() -> None:
    label = "a " * 90 + "a"
    (problem,) = [each for each in problems(ENTRY.format(fr=f"“{label}”")) if each.rule == "look-alike"]
    assert [edit.new for edit in problem.edits] == [f'"{label}"']


EXTENTS = table(__file__, "extents.yaml")


@pytest.mark.parametrize("marked", EXTENTS)
def test_what_begins_at_an_offset_ends_where_it_does(marked: str) -> None:
    text, _ = unmarked(marked)
    start, end = marked.index("¦"), marked.rindex("¦") - 1
    assert text[start : end_of(text, start)] == text[start:end]


@pytest.mark.parametrize("character", ['"', "'", "[", "{", "a", "\\", '"\\', " ", "''", "{'", "]", ":", "a #", "-"])
def test_the_end_of_anything_is_found_soon(character: str) -> None:
    text = character * (100_000 // len(character))
    began = time.process_time()
    for offset in range(50):
        assert offset <= end_of(text, offset) <= len(text)
    assert time.process_time() - began < 5  # a step back at each character would take minutes
