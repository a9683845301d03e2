"""`check --fix`: what is certain is mended, nothing else is touched, and no file has more problems then."""

from __future__ import annotations

import re
from pathlib import Path

import mutated
import pytest
from checking import VALID, problems, replaced
from test_examples import NEGATIVE, POSITIVE

from service.problems import Edit, Problem
from service.registry.edit import mending
from service.registry.edit.edits import applied
from service.registry.edit.mending import mended
from service.registry.loading import Examined, examine
from service.registry.model import Registry
from service.registry.text.source import MAX_BYTES, read


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_mistakes_change(newline: str, mark: str) -> None:
    wanted = "# Tabs\tand “quotes”  \n" + replaced(VALID, "category: sources", "category:    'sources'  # c")
    broken = replaced(replaced(wanted, "pipelinable:", "pipelineable:"), "legacy_features:", "legacy_feature:")
    assert len(problems(broken)) == 2
    done = mended((mark + broken.replace("\n", newline)).encode())
    assert done == ((mark + wanted.replace("\n", newline)).encode(), 2)


def test_what_is_not_certain_stays() -> None:
    broken = replaced(replaced(VALID, "pipelinable:", "pipelineable:"), "category: sources", "category: nonsense")
    after, number = mended(broken.encode())
    assert (after, number) == (replaced(broken, "pipelineable:", "pipelinable:").encode(), 1)


@pytest.mark.parametrize("path", [*NEGATIVE, *POSITIVE], ids=lambda path: path.stem)
def test_no_example_has_more_problems_and_a_second_run_changes_nothing(path: Path) -> None:
    data = path.read_bytes()
    after, number = mended(data)
    assert len(problems(after)) == len(problems(data)) - number
    assert number >= 0
    assert (after == data) is (number == 0)
    assert mended(after) == (after, 0)


def counted(data: bytes) -> int:
    found = examine(data, "registry.yaml")
    return len(found.problems) + found.others


def test_files_that_are_broken_at_random_have_no_more_problems_either() -> None:
    for seed in range(101, 141):
        data = mutated.mutated(seed)
        after, number = mended(data)
        assert counted(after) <= counted(data) - number or number == 0, seed
        assert mended(after) == (after, 0), seed


def test_more_syntax_errors_than_are_read_over_are_all_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def counting(data: bytes, file: str, most: int) -> Examined:
        looks.append(examine(data, file, most))
        return looks[-1]

    entry = "  - slug: m{0}\n    category: {1}\n    label: {{ fr: A{0}, en: B }}\n    is_meta: true\n"
    wanted = "modules:\n" + "".join(
        entry.format(number, "x" if number % 40 == 39 else "tools") for number in range(160)
    )
    broken = re.sub(r"(A\d*[02468]), en: B }", r"\1, en: B", wanted)  # each on its own: the texts differ
    broken = re.sub(r"(A\d*[13579]), en", r"\1 en", broken)
    monkeypatch.setattr(mending, "examine", counting)
    after, number = mended(broken.encode())
    assert (after, number) == (wanted.encode(), 160)
    assert len(looks[0].problems) < 60
    assert len(problems(wanted)) == 4
    assert len(looks) < 10


def toy(text: str) -> Examined:
    """A linter for which some letters are problems, each with an edit that mends it, or does not."""
    fixes = {
        "x": lambda at: (Edit(at, at + 1, "."),),
        "y": lambda at: (Edit(at, at + 1, "yy"),),
        "z": lambda at: (Edit(at, at + 1, "." if text[at - 1 : at] == "." else "zx"),),
        "w": lambda at: (Edit(max(0, at - 1), at + 1, "."),),
    }
    found = [
        Problem("", 1, at + 1, "toy", character, fix=fixes[character](at))
        for at, character in enumerate(text)
        if character in fixes
    ]
    return Examined(read(b""), None if found else Registry(()), tuple(found))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("abc", "abc"),
        ("axbxc", "a.b.c"),
        ("y", "y"),  # it would be worse
        ("xyxxyx", ".y..y."),  # and does not keep others from being mended
        ("xz", ".."),  # what one brings within reach is mended next
        ("az", "az"),
        ("aww", "."),  # edits that touch each other are made one after the other
    ],
)
def test_each_edit_has_to_leave_fewer_problems(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    monkeypatch.setattr(mending, "examine", lambda data, *_: toy(data.decode()))
    done, number = mended(before.encode())
    assert len(toy(done.decode()).problems) == len(toy(before).problems) - number
    assert done.decode() == after
    assert mended(done) == (done, 0)


@pytest.mark.parametrize(("size", "most"), [(10, 201), (MAX_BYTES // 2, 4), (MAX_BYTES, 2)])
def test_how_often_a_file_is_looked_at_is_bounded(monkeypatch: pytest.MonkeyPatch, size: int, most: int) -> None:
    looks = 0

    def examine(data: bytes, *_: object) -> Examined:
        nonlocal looks
        looks += 1
        found = tuple(Problem("", 1, at + 1, "toy", "y", fix=(Edit(at, at + 1, "y"),)) for at in range(8))
        return Examined(read(data), None, found)

    monkeypatch.setattr(mending, "examine", examine)
    assert mended(b"y" * size) == (b"y" * size, 0)
    assert looks <= most


@pytest.mark.parametrize("edits", [[Edit(0, 2, ""), Edit(1, 3, "")], [Edit(2, 9, "")], [Edit(2, 1, "")]])
def test_edits_that_overlap_or_leave_the_text_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps"):
        applied("abc", edits)


def test_edits_are_made_in_the_order_of_the_text_and_at_one_place_in_their_own() -> None:
    assert applied("abc", [Edit(2, 2, "1"), Edit(0, 1, ""), Edit(2, 2, "2")]) == "b12c"


def test_bytes_that_are_no_text_stay() -> None:
    assert mended(b"modules: \xff") == (b"modules: \xff", 0)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def merging(line: str) -> str:
    """The valid file, with a line more in an entry, and an anchor."""
    text = replaced(VALID, "  - slug: scrap\n", "  - &scrap\n    slug: scrap\n")
    return replaced(text, "  - slug: legal_data\n", f"  - slug: legal_data\n{line}\n")


@pytest.mark.parametrize("line", ["    << *scrap", "    <<*scrap", "    <<:*scrap", "    << *scrap  # as there"])
def test_a_merge_without_its_colon_is_mended(line: str) -> None:
    (problem,) = problems(merging(line))
    assert problem.text.startswith("there is no ") and problem.hint == "write <<: *scrap"
    wanted = merging("    <<: *scrap" + line[len(line.partition("#")[0].rstrip()) :])
    assert mended(merging(line).encode()) == (wanted.encode(), 1)


@pytest.mark.parametrize("line", ["    << *nobody", "<< *scrap", "      << *scrap"])
def test_what_is_not_certain_to_be_a_merge_is_not_mended(line: str) -> None:
    assert problems(merging(line)) != []
    assert mended(merging(line).encode()) == (merging(line).encode(), 0)


def test_a_sign_before_a_key_is_not_taken_from_the_text_below_it() -> None:
    label = 'label: { fr: "Scraper Google Maps", en: "Google Maps scraper" }'
    text = replaced(VALID, label, 'label:\n      fr: "Scraper"\n      | en: >-\n      | owner: the one who scrapes')
    after = mended(text.encode())[0].decode()
    assert "      en: >-\n        | owner: the one who scrapes\n" in after


def test_a_sign_in_another_column_is_a_mistake_of_its_own() -> None:
    fields = "    category: sources\n    label:"
    text = replaced(VALID, fields, "  | category: sources\n    | label:")
    assert [problem.line for problem in problems(text)] == [line_of(text, "| category"), line_of(text, "| label")]
    assert mended(text.encode())[0].decode() == VALID


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"a \%", "a %"),
        (r"C:\.ssh", r"C:\\.ssh"),
        (r"..\..\docs", r"..\\..\\docs"),
        (r"x\%\d", r"x\\%\\d"),
        (r"l\'a", "l'a"),
    ],
)
def test_a_backslash_goes_where_it_is_markup_and_stays_in_a_path_or_pattern(text: str, wanted: str) -> None:
    broken, right = (replaced(VALID, '"Google Maps scraper"', f'"{one}"') for one in (text, wanted))
    assert mended(broken.encode()) == (right.encode(), 1)


def test_a_field_that_gets_its_own_line_ends_as_the_others_of_an_old_file() -> None:
    broken = replaced(VALID, "    category: sources\n", '    category: "sources", multi_proxy: false\n')
    wanted = replaced(VALID, "    category: sources\n", '    category: "sources"\n    multi_proxy: false\n')
    assert mended(broken.replace("\n", "\r").encode()) == (wanted.replace("\n", "\r").encode(), 1)
