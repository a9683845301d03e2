"""What an edit would do to a file, as a unified diff that `patch` takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from io import BytesIO

from service.cli.output import is_acted_on, say, say_document
from service.wording import printable

#: Lines from the first to the last that differ, in which a diff looks for those that are the same: in more it might
#: look for minutes, and the whole file is given as replaced.
_MOST_LINES = 2_000
_CONTEXT = 3
_HEAD = re.compile(r"^@@ -(\d+)(\S*) \+(\d+)(\S*) @@$")


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
        whole = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in shown)
        say_document("".join(whole).encode("utf-8", "surrogateescape"))


def _lines(data: bytes) -> list[str]:
    """The lines with their line feeds, which are what `patch` goes by; the last one may have none."""
    return [line.decode("utf-8", "surrogateescape") for line in BytesIO(data)]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The lines of each part of a diff, the first of which says where it is."""
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    if max(len(old), len(new)) - first - last > _MOST_LINES:
        yield f"@@ -1,{len(old)} +1,{len(new)} @@\n"
        yield from (f"-{line}" for line in old)
        yield from (f"+{line}" for line in new)
        return
    start, behind = max(0, first - _CONTEXT), max(0, last - _CONTEXT)
    old, new = old[start : len(old) - behind], new[start : len(new) - behind]
    _, _, *lines = unified_diff(old, new, n=_CONTEXT)
    for line in lines:
        yield _HEAD.sub(lambda head: f"@@ -{int(head[1]) + start}{head[2]} +{int(head[3]) + start}{head[4]} @@", line)


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many of the first lines are the same."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((number for number, (was, becomes) in pairs if was != becomes), min(len(old), len(new)))
