"""YAML text with places: limits, what is refused, and that lines and columns are those of an editor."""

from __future__ import annotations

import codecs

import pytest
from checking import HERE, VALID, problems, replaced, unmarked

from service.registry.lint.linter import MAX_BYTES
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


@pytest.mark.parametrize(
    ("before", "bad"), [(b"", b"\xff\xfe"), (b"names:\n  - slug: caf", b"\xe9"), (codecs.BOM_UTF8 + b"a", b"\xe9")]
)
def test_bytes_that_are_not_utf_8_have_a_place(before: bytes, bad: bytes) -> None:
    (problem,) = problems(before + bad)
    text = before.decode("utf-8-sig")
    assert (problem.line, problem.column) == (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
    assert problem.rule == "encoding"
    assert f"0x{bad[0]:02X}" in problem.message


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


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\ufffe"])
def test_a_control_character_has_a_place(character: str) -> None:
    (problem,) = problems(replaced(VALID, "slug: scrap\n", f"slug: sc{character}rap\n"))
    assert (problem.line, problem.column, problem.rule) == (8, 13, "encoding")
    assert f"U+{ord(character):04X}" in problem.message
    (problem,) = problems(codecs.BOM_UTF8 * 2 + VALID.encode())
    assert (problem.line, problem.column) == (1, 1), "of the second byte order mark"
    assert "U+FEFF" in problem.message


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


def test_an_alias_without_anchor_is_reported_beside_others() -> None:
    text, places = unmarked("modules: [¦*one, ¦*two]\n")
    assert [(p.line, p.column) for p in problems(text)] == places


def test_the_tags_of_yaml_which_are_safe() -> None:
    known = value("!!map {a: !!str no, b: !!seq [!!bool yes], c: !!null ~, d: ! x}")
    assert known == {"a": "no", "b": [True], "c": None, "d": "x"}


def test_a_second_document_has_the_place_where_it_starts() -> None:
    (problem,) = problems(VALID + "---\nmodules: []\n")
    assert (problem.rule, problem.line) == ("second-document", VALID.count("\n") + 1)
    mistaken = replaced(VALID, "category: sources", "category: source")
    assert rules(f"{mistaken}---\n{{}}\n") == ["enum", "second-document"]


def test_a_duplicate_key_names_the_line_of_the_first_also_in_nested_mappings() -> None:
    text, places = unmarked(ENTRY.format(fr="A, en: B, ¦fr: C").replace(", en: Scraper", ""))
    (problem,) = problems(text)
    assert (problem.line, problem.column) == places[0]
    assert problem.message == "the key fr is already given on line 4"


def test_a_key_given_again_in_one_module_leaves_the_pointers_of_the_next_alone() -> None:
    fields = "category: tools, coming_soon: true, label: { fr: F, en: E, fr: G }, category: tools"
    modules = f"modules:\n  - {{ slug: a, {fields} }}\n  - {{ slug: b, {fields} }}\n"
    told = problems(f"{modules}legacy_features: []\nlegacy_features: []\n")
    assert [problem.rule for problem in told] == ["duplicate-key"] * 5
    assert [problem.pointer for problem in told] == [
        "/modules/0/label/fr",
        "/modules/0/category",
        "/modules/1/label/fr",
        "/modules/1/category",
        "/legacy_features",
    ]


@pytest.mark.parametrize(("length", "whole"), [(299, True), (300, True), (301, False)])
def test_a_pointer_ends_before_a_key_of_absurd_length(length: int, whole: bool) -> None:
    key = "x" * length
    (problem,) = problems(f"modules: []\n{key}: {{}}\n")
    assert problem.pointer == (f"/{key}" if whole else "")


def test_a_second_merge_key_is_a_duplicate_and_a_key_given_again_beside_one_is_none() -> None:
    assert "duplicate-key" in rules("modules: []\na: &a {x: y}\nb:\n  <<: *a\n  <<: *a\n")
    assert value("a: &a {x: 'y', z: w}\nb: {<<: *a, x: v}") == {"a": {"x": "y", "z": "w"}, "b": {"x": "v", "z": "w"}}


@pytest.mark.parametrize(
    "text",
    ["Données d’été", "🚀🚀", "e\u0301", "日本語", "'a\u2028b'", "'a\u0085b'", "'a\u2029'", "\U0010fffd"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_are_those_of_an_editor_whatever_comes_before(text: str, newline: str) -> None:
    marked = ENTRY.format(fr=f"{text}, ¦it: x").replace("\n", newline).replace(", en: Scraper", ", en: S")
    marked += f"¦other: x{newline}"
    lines = marked.split(newline)
    plain = marked.replace(HERE, "")
    expected = [(n, line.index(HERE) + 1) for n, line in enumerate(lines, 1) if HERE in line]
    assert [(p.line, p.column) for p in problems(plain)] == expected


def test_a_syntax_error_after_such_characters_has_the_right_place_too() -> None:
    (problem,) = problems("modules: []  # x\u2028# y🚀\nlegacy_features: [x\n")
    assert (problem.line, problem.column, problem.rule) == (2, 18, "syntax")


@pytest.mark.parametrize(
    ("word", "meant"), [("yes", True), ("true", True), ("on", True), ("no", False), ("false", False), ("off", False)]
)
def test_the_booleans_of_yaml_1_1(word: str, meant: bool) -> None:
    assert value(f"[{word}, {word.title()}, {word.upper()}, '{word}']") == [meant, meant, meant, word]


def test_misread_scalars_keep_what_was_written() -> None:
    for text in ("no", "2024-01-01", "0x1F", "1_000", "1:30", ".inf", "~", "=", "12e03"):
        told = problems(ENTRY.format(fr=text))
        assert len(told) in (0, 1)
        assert not told or (told[0].rule == "yaml-misread" and f"reads {text} as" in told[0].message), text


def test_places_and_ends_are_those_of_the_file_where_it_was_mended_to_read_on() -> None:
    text = replaced(VALID, "slug: scrap\n", "slug:scrap\n").replace("category: sources\n", "category: source\n", 1)
    told = problems(text)
    assert [(each.rule, bool(each.edits)) for each in told] == [("syntax", True), ("enum", True)]
    assert [(each.line, each.column, each.end) for each in told] == [(8, 10, (8, 15)), (9, 15, (9, 21))]


def test_what_is_mended_and_still_wrong_is_told_once_and_has_no_edit() -> None:
    text = replaced(VALID, "category: sources\n", "category:source\n")
    assert [(each.line, each.rule, each.edits) for each in problems(text)] == [(9, "syntax", ())]


def test_a_value_in_typographic_quotes_that_an_alias_repeats_is_one_problem() -> None:
    first = ENTRY.format(fr="&name “Scraper”")
    second = replaced(ENTRY.format(fr="“Courriels”"), "en: Scraper", "en: *name").removeprefix("modules:\n")
    told = problems(first + second.replace("scrap\n", "emails\n"))
    assert [(problem.rule, problem.line, len(problem.edits)) for problem in told] == [
        ("look-alike", 4, 1),
        ("look-alike", 8, 1),
    ]


def test_a_long_text_in_typographic_quotes_is_mended_as_a_whole() -> None:
    label = "a " * 90 + "a"
    (problem,) = [each for each in problems(ENTRY.format(fr=f"“{label}”")) if each.rule == "look-alike"]
    assert [edit.new for edit in problem.edits] == [f'"{label}"']
