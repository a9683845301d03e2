"""Mending what is certain: the edits that problems carry, each of which has to leave fewer problems."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Sequence
from dataclasses import dataclass

from service.garbage_collection import paused
from service.problems import Edit
from service.registry.edit.edits import applied, decoded
from service.registry.loading import Examined, examine

#: Files that are looked at for one, and how many of the largest they may be as large as, together.
_MOST_LOOKS = 200
_MOST_READ = 2.0

#: Problems whose edits are tried at once.
MOST_PROBLEMS = 10_000

#: The edits of one problem.
Fix = tuple[Edit, ...]


@dataclass(slots=True)
class _Mended:
    """How far a file is mended, and what may still be looked at."""

    mark: str
    text: str
    found: Examined
    looks: int = _MOST_LOOKS
    left: float = _MOST_READ
    gone: int = 0
    """Problems that are mended."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be looked at: an edit changes the size of a file by little."""
        return self.looks <= 0 or _size(self.found) > self.left

    def tried(self, fixes: Sequence[Fix], most: int) -> tuple[str, Examined] | None:
        """What these make of the text, the first `most` problems in words; None if they contradict each other."""
        try:
            text = applied(self.text, [edit for fix in fixes for edit in fix])
        except ValueError:
            return None
        return text, self.looked_at(text, most)

    def looked_at(self, text: str, most: int) -> Examined:
        """What is wrong with a text, the first `most` problems in words."""
        found = examine((self.mark + text).encode(), "", most)
        self.looks -= 1
        self.left -= _size(found)
        return found


def mended(data: bytes, found: Examined | None = None) -> tuple[bytes, int]:
    """The bytes of a registry file with everything mended that is certain, and how many problems are gone.

    `found` is what it is, with its first MOST_PROBLEMS problems, where somebody has looked at it already.
    A sound file stays as it is, and so does whatever no problem's `fix` names. All of them are tried at once, and where
    that does not take away as many problems, half of them, and so on: an edit that leaves as many problems as there
    were is not made. What one of them brings to light is mended next. A file with too many syntax errors to be read to
    its end is read further each time: what is told of the rest then was wrong before.
    """
    try:
        mark, text = decoded(data)
    except UnicodeDecodeError:
        return data, 0
    found = found or examine(data, "", MOST_PROBLEMS)
    now = _Mended(mark, text, found, left=_MOST_READ - _size(found))
    with paused():  # or the collector goes through all that was read of a large file, again and again
        while _is_counted(now.found) and _a_round(now):
            pass
    return (now.mark + now.text).encode(), now.gone


def _size(found: Examined) -> float:
    """What was read of a file, in the largest files that there may be; after a syntax error, it is read again."""
    recovery = found.source.recovery
    return recovery.size * max(1, recovery.tries) if recovery else 1


def _gone(before: Examined, after: Examined) -> int:
    """How many problems fewer there are; less than none where less of the file can be read.

    Where the file was not read to its end, that is of what was read, and of what can be told without the end: what is
    behind, or told since then, was there before.
    """
    unread = before.source.unread
    if after.source.unread > unread:
        return -1
    if not unread:
        return len(before.problems) + before.others - len(after.problems) - after.others
    rules = {problem.rule for problem in before.problems}
    were, are = (
        sum(one.rule in rules and one.line <= len(found.source.source_map) - unread for one in found.problems)
        for found in (before, after)
    )
    return were - are


def _is_counted(found: Examined) -> bool:
    """Whether all problems of a file were looked for: else nobody can tell whether there are fewer after an edit."""
    return all(problem.rule != "size" for problem in found.problems)


def _a_round(now: _Mended) -> bool:
    """Make what edits there are of one state of the text; whether any was made.

    Problems are put into words where all edits are tried, which most often is all that there is to do, and of a file
    that is not read to its end, since what can be compared goes by them. Elsewhere it is enough to count them.
    """
    most = MOST_PROBLEMS
    kept: list[Fix] = []
    best: tuple[str, Examined] = now.text, now.found
    waiting = [_apart([problem.fix for problem in now.found.problems if problem.fix])]
    while waiting and not now.is_over:
        group = waiting.pop()
        tried = now.tried([*kept, *group], most) if group else None
        most = MOST_PROBLEMS if now.found.source.unread else 0
        if tried and (gone := _gone(best[1], tried[1])) >= len(group):  # each takes one away, and none is new
            now.gone += gone
            best = tried
            kept += group
        elif len(group) > 1:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
    now.text, now.found = best
    if not now.found.problems and now.found.others and not now.is_over:
        now.found = now.looked_at(now.text, MOST_PROBLEMS)
    return bool(kept)


def _apart(fixes: Sequence[Fix]) -> list[Fix]:
    """Those that do not touch each other: of some that do, the first."""
    chosen: list[Fix] = []
    taken: list[tuple[int, int]] = []
    for fix in sorted(set(fixes)):
        if all(_is_free(taken, edit) for edit in fix):
            chosen.append(fix)
            for edit in fix:
                insort(taken, (edit.start, edit.end))
    return chosen


def _is_free(taken: Sequence[tuple[int, int]], edit: Edit) -> bool:
    """Whether an edit touches none of the places that are taken, which are in their order."""
    at = bisect(taken, (edit.start, edit.end))
    before, behind = taken[max(0, at - 1) : at], taken[at : at + 1]
    return all(end <= edit.start and start < edit.start for start, end in before) and all(
        edit.end <= start and edit.start < start for start, _ in behind
    )
