"""Mending what is certain: the edits that diagnostics carry, as far as they leave fewer problems."""

from collections.abc import Iterable
from itertools import chain
from time import process_time
from typing import NamedTuple

from service.problems import Diagnostic, Edit
from service.registry.edit.modules import TOO_LARGE, is_too_large
from service.registry.lint.nodes import applied
from service.registry.loading.loader import Examined, examine

#: Seconds of the processor: no try begins later, nor if it would end later in as long as the longest one before took.
#: To bound their number, or what they read, is not enough: some files of 50 KB take as long as others of 1 MB.
_MOST_SECONDS = 2.5

_NO_TIME = "not all that may be mended was tried, which takes too long: mend some by hand, and try again"


class Mended(NamedTuple):
    """What is left of a file: its bytes, and how many problems are gone.

    `before` and `after` are what was wrong; `untried` says why some edits were not tried.
    """

    data: bytes
    number: int
    before: Examined
    after: Examined
    untried: str = ""


def mended(data: bytes, name: str = "") -> Mended:
    """The bytes of a registry file with everything mended that is certain. `name` is what messages call it.

    A sound file stays as it is, and so does whatever no diagnostic's edits name. All of them are made at once, and
    where that does not take away as many problems, half of them, and so on, for as long as there is time: one that does
    not help on its own is passed over. What some bring to light is mended next, and may help those.
    """
    began, longest = process_time(), 0.0
    examined = examine(data, name, warnings=True)
    now, fixes = Mended(data, 0, examined, examined), _fixes(examined)
    if fixes and is_too_large(data, examined.linted.values):
        return now._replace(untried=TOO_LARGE)
    mark = data.removesuffix(examined.linted.text.encode())  # of the order of bytes, or nothing
    most, passed, is_better = len(fixes), 0, False
    while group := fixes[passed : passed + most]:
        if (start := process_time()) - began + longest > _MOST_SECONDS:
            return now._replace(untried=_NO_TIME)
        text = applied(now.after.linted.text, chain.from_iterable(group))
        examined = examine(data := mark + text.encode(), name, warnings=True)
        longest = max(longest, process_time() - start)
        if gone := _gone(now.after, examined, len(group)):
            now = now._replace(data=data, number=now.number + gone, after=examined)
            fixes, is_better = _fixes(examined), True
        elif len(group) == 1:
            passed += 1
        most = len(group) // 2 if not gone and len(group) > 1 else len(fixes)
        if passed >= len(fixes) and is_better:
            passed, is_better = 0, False
    return now


def _gone(before: Examined, after: Examined, tried: int) -> int:
    """How many problems fewer there are after so many edits; 0 where it is not one for each, or another rule is broken.

    What is told of a file that was not read to its end, once more of it can be read, was wrong before.
    """
    were, are = before.linted, after.linted
    if were.unread:
        return tried if are.unread < were.unread else 0
    gone = len(were.diagnostics) - len(are.diagnostics)
    is_other = are.unread or {each.rule for each in are.diagnostics} - {each.rule for each in were.diagnostics}
    return 0 if is_other or gone < tried else gone


def _fixes(examined: Examined) -> list[tuple[Edit, ...]]:
    """The edits that may be tried: none where not all problems were looked for, so that nobody can tell how many."""
    diagnostics = examined.linted.diagnostics
    return [] if any(each.rule == "size" for each in diagnostics) else [*together(diagnostics)]


def together(diagnostics: Iterable[Diagnostic]) -> dict[tuple[Edit, ...], Diagnostic]:
    """The edits of diagnostics in the order of the text, none of which begins before another ends; whose each is."""
    fixes, end = {each.edits: each for each in diagnostics if each.edits}, 0
    chosen = {}
    for fix in sorted(fixes):
        if fix[0].start >= end:
            chosen[fix] = fixes[fix]
            end = fix[-1].end
    return chosen
