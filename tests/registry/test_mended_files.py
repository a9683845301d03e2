"""`check --fix`: what is certain is mended, nothing else is touched, and no file has more problems then."""

from pathlib import Path

import mutated
import pytest
from checking import VALID, problems, replaced
from test_examples import NEGATIVE, POSITIVE

from service.problems import Diagnostic, Edit
from service.registry.edit import mending
from service.registry.edit.mending import mended
from service.registry.edit.modules import TOO_LARGE, is_too_large
from service.registry.lint.linter import Linted, lint
from service.registry.lint.nodes import applied
from service.registry.loading import Examined
from service.registry.model import Registry


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
    looks = 0

    def look(data: bytes, *_: object, **__: object) -> Examined:
        nonlocal looks
        looks += 1
        return toy(data.decode())

    monkeypatch.setattr(mending, "examine", look)
    monkeypatch.setattr(mending, "process_time", lambda: first * min(looks, 1) + then * max(0, looks - 1))
    done = mended(b"xxxxxyxxxx" * 30)
    assert min(2, most) <= looks <= most
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
