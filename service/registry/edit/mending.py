"""Mending what is certain: the edits that problems carry, each of which has to leave fewer problems."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time
from typing import NamedTuple

from service.garbage_collection import paused
from service.problems import Edit
from service.registry.edit.edits import TOO_LARGE, applied, decoded, is_too_large
from service.registry.loading import Examined, examine

#: Seconds of the processor: no try begins later, nor if it would end later in as long as the longest one before took.
#: To bound their number, or what they read, is not enough: some files of 50 KB take as long as others of 1 MB.
_MOST_SECONDS = 2.5

#: Problems whose edits are tried at once.
MOST_PROBLEMS = 10_000

_NO_TIME = "not all that may be mended was tried, which takes too long: mend some by hand, and try again"
_TOO_MANY = f"what may be mended behind the first {MOST_PROBLEMS:,} problems was not tried"

#: The edits of one problem.
Fix = tuple[Edit, ...]


class Mended(NamedTuple):
    """What is left of a file: its bytes, and how many problems are gone.

    `before` and `after` are what was wrong, with the first MOST_PROBLEMS problems; `untried` says why some edits were
    not tried.
    """

    data: bytes
    number: int
    before: Examined
    after: Examined
    untried: str = ""


@dataclass(slots=True)
class _Progress:
    """How far a file is mended."""

    name: str
    mark: str
    """Its byte order mark, or nothing."""
    text: str
    found: Examined
    began: float
    """When that began, in seconds of the processor."""
    longest: float = 0
    """How many seconds the longest try took."""
    number: int = 0
    """Problems that are mended."""
    untried: str = ""
    """Why not all was tried."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be tried."""
        return process_time() - self.began + self.longest > _MOST_SECONDS

    def tried(self, fixes: Sequence[Fix], in_words: bool) -> tuple[str, Examined] | None:
        """What these make of the text; None if they contradict each other."""
        try:
            text = applied(self.text, [edit for fix in fixes for edit in fix])
        except ValueError:
            return None
        began = process_time()
        found = self.looked_at(text, in_words)
        self.longest = max(self.longest, process_time() - began)
        return text, found

    def looked_at(self, text: str, in_words: bool) -> Examined:
        """What is wrong with a text: in words, or counted only."""
        return examine((self.mark + text).encode(), self.name, MOST_PROBLEMS if in_words else 0, in_words)


def mended(data: bytes, name: str = "") -> Mended:
    """The bytes of a registry file with everything mended that is certain. `name` is what messages call it.

    A sound file stays as it is, and so does whatever no problem's `fix` names. All of them are tried at once, and where
    that does not take away as many problems, half of them, and so on, for as long as there is time: an edit that leaves
    as many problems as there were is not made. What one of them brings to light is mended next. A file with too many
    syntax errors to be read to its end is read further each time: what is told of the rest then was wrong before.
    """
    began = process_time()
    found = examine(data, name, MOST_PROBLEMS, warnings=True)
    if not _is_counted(found) or not any(problem.fix for problem in found.problems):
        return Mended(data, 0, found, found, _behind(found))
    if is_too_large(data, found.source):
        return Mended(data, 0, found, found, TOO_LARGE)
    now = _Progress(name, *decoded(data), found, began)
    with paused():  # or the collector goes through all that was read of a large file, again and again
        while _is_counted(now.found) and _a_round(now):
            pass
    return Mended((now.mark + now.text).encode(), now.number, found, now.found, now.untried or _behind(now.found))


def _behind(found: Examined) -> str:
    """That there are problems behind those whose edits are tried, if so. Where not all are counted, `check` says it."""
    return _TOO_MANY if found.others and _is_counted(found) else ""


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


def _a_round(now: _Progress) -> bool:
    """Make what edits there are of one state of the text; whether any was made.

    Problems are put into words where all edits are tried, which most often is all that there is to do, and of a file
    that is not read to its end, since what can be compared goes by them. Elsewhere it is enough to count them.
    """
    kept: list[Fix] = []
    best: tuple[str, Examined] = now.text, now.found
    in_words = is_in_words = True
    waiting = [_apart([problem.fix for problem in now.found.problems if problem.fix])]
    while waiting and not now.is_over:
        group = waiting.pop()
        tried = now.tried([*kept, *group], in_words) if group else None
        if tried and (gone := _gone(best[1], tried[1])) >= len(group):  # each takes one away, and none is new
            now.number += gone
            best, is_in_words = tried, in_words
            kept += group
        elif len(group) > 1:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
        in_words = now.found.source.unread > 0
    now.text, now.found = best
    if not is_in_words:
        now.found = now.looked_at(now.text, in_words=True)
    now.untried = _NO_TIME if any(waiting) else ""
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
