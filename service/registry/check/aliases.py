"""An alias without an anchor that is meant for the name of an artifact, such as `needs: *leads`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from service.problems import Edit
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.known import known
from service.registry.text.nodes import Words

_ALIAS = re.compile(r"\*(?P<name>[a-z][a-z0-9_]*)(?=[ \t]*(?:[\r\n,\]}#]|\Z))")


def name_artifacts(result: CheckedDocument) -> None:
    """Let each finding of such an alias propose the name, once the whole file is known."""
    entries = {entry.path: entry for entry in result.entries}
    for one in result.findings:
        if one.rule != "alias" or one.path[2:3] != ("needs",) or one.path[:2] not in entries:
            continue
        if found := _ALIAS.match(result.text, one.offset):
            written = found["name"] if len(one.path) > 3 else f"[{found['name']}]"
            fits = partial(_comes_about, result, entries[one.path[:2]], found["name"])
            edit = Edit(found.start(), found.end(), written)
            one.words, one.fix = partial(_words, one.words, fits, written), partial(_edits, one.fix, fits, edit)


def _comes_about(result: CheckedDocument, entry: Entry, name: str) -> bool:
    return known(result).fits(entry, (*entry.path, "needs", 0), name)


def _words(words: Callable[[], Words], fits: Callable[[], bool], written: str) -> Words:
    message, hint = words()
    return message, f"write {written}" if fits() else hint


def _edits(fix: Callable[[], Sequence[Edit]], fits: Callable[[], bool], edit: Edit) -> Sequence[Edit]:
    return [edit] if fits() else fix()
