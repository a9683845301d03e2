"""What an edit would do to a file, as a unified diff that `patch` takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import groupby, islice

from service.cli.output import is_acted_on, say, say_document
from service.wording import printable

#: Lines between the first and the last that differ, in which a diff looks for those that are the same: in more it
#: might look for minutes. Of as many on both sides, each then stands beside the one with its number; of others, all are
#: given as replaced.
_MOST_LINES = 2_000
_CONTEXT = 3


def say_diff(file: str, before: bytes, after: bytes) -> None:
    """Write the difference of two versions of a file, or nothing where they are the same.

    The bytes are those of the file, so that the diff can be applied, except where a terminal or GitHub's runner would
    act on them.
    """
    if before == after:
        return
    alike: dict[str, str] = {}
    old, new = (_lines(data.decode("utf-8", "surrogateescape"), alike) for data in (before, after))
    name = printable(file)
    shown = [f"--- {name}\n", f"+++ {name}\n", *(line for hunk in _hunks(old, new) for line in hunk)]
    if is_acted_on():
        for line in shown:
            say(line.rstrip("\r\n"))
    else:
        say_document("".join(shown).encode("utf-8", "surrogateescape"))


def _lines(text: str, alike: dict[str, str]) -> list[str]:
    """The lines with their line feeds, which are what `patch` goes by; the last one may have none.

    Those that are alike are kept once: a file may have two million of them.
    """
    return [alike.setdefault(found[0], found[0]) for found in re.finditer(r"[^\n]*\n|[^\n]+", text)]


def _hunks(old: list[str], new: list[str]) -> Iterator[list[str]]:
    """The lines of each part of a diff, the first of which says where it is."""
    changes = _changes(old, new)
    while changes:
        group = [changes.pop(0)]
        while changes and changes[0][0] - group[-1][1] <= 2 * _CONTEXT:
            group.append(changes.pop(0))
        start, end = max(0, group[0][0] - _CONTEXT), min(len(old), group[-1][1] + _CONTEXT)
        lines, at = [], start
        for begin, stop, first, last in group:
            lines += [_line(" ", line) for line in old[at:begin]]
            lines += [_line("-", line) for line in old[begin:stop]]
            lines += [_line("+", line) for line in new[first:last]]
            at = stop
        lines += [_line(" ", line) for line in old[at:end]]
        moved = group[0][2] - group[0][0]
        added = sum(last - first - (stop - begin) for begin, stop, first, last in group)
        yield [f"@@ -{_range(start, end)} +{_range(start + moved, end + moved + added)} @@\n", *lines]


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """A range of lines as `diff` writes it: the first, counted from 1, and how many; of none, the one before."""
    return f"{start + (end > start)},{end - start}"


def _changes(old: list[str], new: list[str]) -> list[tuple[int, int, int, int]]:
    """Where lines of the old text, from one number to another, give way to those of the new one."""
    shorter = min(len(old), len(new))
    first = _alike(zip(old, new, strict=False), shorter)
    last = _alike(zip(reversed(old), reversed(new), strict=False), shorter - first)
    middle = old[first : len(old) - last], new[first : len(new) - last]
    if max(map(len, middle)) > _MOST_LINES:
        return list(_by_number(first, *middle))
    codes = SequenceMatcher(None, *middle).get_opcodes()
    return [(first + i, first + j, first + k, first + m) for tag, i, j, k, m in codes if tag != "equal"]


def _by_number(first: int, old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """The same of many lines from a number on, each beside the new one with its number, if they are as many."""
    if len(old) != len(new):
        yield first, first + len(old), first, first + len(new)
        return
    for differ, group in groupby(range(len(old)), lambda number: old[number] != new[number]):
        if differ:
            numbers = [first + number for number in group]
            yield numbers[0], numbers[-1] + 1, numbers[0], numbers[-1] + 1


def _alike(pairs: Iterable[tuple[str, str]], most: int) -> int:
    """How many of the first pairs of lines are the same, up to so many."""
    return next((number for number, (one, other) in enumerate(islice(pairs, most)) if one != other), most)
