"""A file that has the same twice: pasted one behind the other, or as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from service.problems import Edit
from service.registry.text.nodes import LINE_BREAK, Finding, SourceMap, Words, said
from service.registry.text.patch import Patch
from service.registry.text.rewriting import line_start
from service.wording import joined

#: Slugs, to tell whether a part of a file is another one again.
_SLUG = re.compile(r"\bslug[\"']?[ \t]*:[ \t]*[\"']?(\w+)")


def second_copy(patch: Patch, source_map: SourceMap, key: int, names: Sequence[str], is_same: bool) -> Finding | None:
    """Everything from the first key on that comes again, and the comments above it; `names` are all keys that do.

    None where the values are not the same, and not even most of the modules.
    """
    text = patch.original
    begin = _with_comments(text, key)
    if not is_same:
        slugs, again = set(_SLUG.findall(text, 0, begin)), _SLUG.findall(text, begin)
        if 2 * sum(slug in slugs for slug in again) <= len(again):
            return None
    words = partial(_stands_again, source_map, begin, len(text.rstrip()), names, is_same)
    edits = [Edit(begin, len(text), "")] if is_same and not patch.edits else []
    return Finding(key, "duplicate-key", words, fix=lambda: edits)


def _with_comments(text: str, key: int) -> int:
    """Where the comments begin that stand right above a key."""
    begin = at = line_start(text, key)
    while at > 0:
        at = line_start(text, at - 1)
        first = text[at : at + 10].lstrip(" \t")[:1]
        if first == "#":
            begin = at
        elif first not in ("", "\r", "\n"):
            break
    return begin


def _stands_again(source_map: SourceMap, begin: int, end: int, names: Sequence[str], is_same: bool) -> Words:
    first, last = source_map.position(begin)[0], source_map.position(end)[0]
    come = f"{joined(names)} come{'s' if len(names) == 1 else ''}"
    message = f"the file begins a second time, on line {first}: {come} again, lines {first} to {last}"
    if is_same:
        return message, f"delete the second copy, from line {first} to the end"
    return message, f"keep one of the two: delete lines 1 to {first - 1}, or all from line {first} on"


def second_document(patch: Patch, source_map: SourceMap, at: int) -> Finding:
    """Another document, or the same once more."""
    text = patch.original
    end = LINE_BREAK.search(text, at)
    is_alone = end is not None and text[at : end.start()].strip() == "---"
    if end is not None and is_alone and text[:at].strip() == text[end.end() :].strip():
        hint = f"delete the second copy, from line {source_map.position(at)[0]} to the end"
        words = said("the file stands here a second time, as another YAML document", hint)
        edits = [Edit(at, len(text), "")] if not patch.edits else []
        return Finding(at, "second-document", words, fix=lambda: edits)
    hint = "keep one document: remove the --- line and what does not belong"
    return Finding(at, "second-document", said("a second YAML document starts here", hint))
