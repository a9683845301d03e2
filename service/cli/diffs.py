"""What an edit would do to a file, as a unified diff that `patch` takes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from service.cli.output import is_acted_on, say, say_document
from service.wording import printable

#: Lines between the first and the last that differ, in which a diff looks for those that are the same: in more it
#: might look for minutes, and all of them are given as replaced.
_MOST_LINES = 2_000
_CONTEXT = 3


def say_diff(file: str, before: bytes, after: bytes) -> None:
    """Write the difference of two versions of a file, or nothing where they are the same.

    The bytes are those of the file, so that the diff can be applied, except where a terminal or GitHub's runner would
    act on them.
    """
    if before == after:
        return
    name = printable(file)
    shown = [f"--- {name}\n", f"+++ {name}\n", *_hunks(_lines(before), _lines(after))]
    if is_acted_on():
        for line in shown:
            say(line.rstrip("\r\n"))
    else:
        say_document("".join(shown).encode("utf-8", "surrogateescape"))


def _lines(data: bytes) -> list[str]:
    """The lines with their line feeds, which are what `patch` goes by; the last one may have none.

    Those that are alike are kept once: a file may have two million of them.
    """
    text = data.decode("utf-8", "surrogateescape")
    return [sys.intern(line[0]) for line in re.finditer(r"[^\n]*\n|[^\n]+", text)]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The lines of each part of a diff, the first of which says where it is."""
    shorter = min(len(old), len(new))
    first = _alike(zip(old, new, strict=False), shorter)
    last = _alike(zip(reversed(old), reversed(new), strict=False), shorter - first)
    before, context, behind = max(0, first - _CONTEXT), min(first, _CONTEXT), max(0, last - _CONTEXT)
    old, new = old[before : len(old) - behind], new[before : len(new) - behind]
    groups = SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT)
    if max(len(old), len(new)) > _MOST_LINES:  # `git apply` takes no hunk without context but at an end of the file
        end, new_end = (len(lines) - min(last, _CONTEXT) for lines in (old, new))
        same = ("equal", 0, context, 0, context), ("equal", end, len(old), new_end, len(new))
        groups = iter([[same[0], ("replace", context, end, context, new_end), same[1]]])
    for group in groups:
        places = group[0][1], group[-1][2], group[0][3], group[-1][4]
        begin, end, new_begin, new_end = (before + place for place in places)
        yield f"@@ -{_range(begin, end)} +{_range(new_begin, new_end)} @@\n"
        for tag, begin, end, new_begin, new_end in group:
            yield from (_line(" " if tag == "equal" else "-", line) for line in old[begin:end])
            if tag != "equal":
                yield from (_line("+", line) for line in new[new_begin:new_end])


def _alike(pairs: Iterable[tuple[str, str]], most: int) -> int:
    """How many of the first pairs of lines are the same, up to so many."""
    return next((number for number, (old, new) in enumerate(pairs) if number == most or old != new), most)


def _range(start: int, end: int) -> str:
    """A range of lines as `diff` writes it: the first, counted from 1, and how many; of none, the one before."""
    return f"{start + (end > start)},{end - start}"


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
