"""Lines of a backup of format 1, which were keys of Redis as they were then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from service.backup.parts import KINDS, Part, split
from service.backup.subjects import LONGEST

#: What a part of an account counts as at least, in bytes.
_LEAST = 1024

#: What the name of each key was, or began with -> its kind; an empty one is of what is made again of the others.
_KEYS = {
    **dict.fromkeys(("{feedback}:of:", "{feedback}:queue:", "{feedback}:answers:", "{changes}:of:"), ""),
    **dict.fromkeys(("{feedback}:slugs", "{feedback}:sequence"), ""),
    "{votes}:renames": "renames",
    "{votes}:trend:": "trend",
    "{votes}:interest:": "votes",
    "{votes}:dismissed:": "dismissed",
    "{feedback}:open:": "open",
    "{feedback}:messages:": "messages",
    "{feedback}:thread:": "thread",
    "{feedback}:events": "requests",
    "{feedback}:webhooks": "requests-delivery",
    "{feedback}:webhooks:given-up": "requests-given-up",
    "{changes}:registry": "registry",
    "{changes}:revisions": "revisions",
    "{changes}:events": "changes",
    "{changes}:released": "released",
    "{changes}:webhooks": "changes-delivery",
    "{changes}:webhooks:given-up": "changes-given-up",
    "{audit}:pseudonyms": "pseudonyms",
    "{audit}:outcomes": "outcomes",
    "{audit}:entries": "entries",
    "account:": "account",
}


def parts(values: Iterable[dict[str, Any]]) -> Iterator[Part]:
    """What lines hold. Raises one of DAMAGED for what is no such line."""
    account, size = b"", 0
    for value in values:
        coding = "latin-1" if value.get("latin1") else "utf-8"  # by which each character stands for a byte
        kind, name = split(value["key"].encode(coding), _KEYS) or (value["key"], b"")
        if kind:
            state = None if value.get("state") is None else _bytes(value["state"], coding)
            part = Part(kind, name, _bytes(value[KINDS[kind]], coding), value.get("expires"), state)
            if kind == "account":  # of which all parts are put together
                size = max(len(b"".join(part.items)), _LEAST) + (size if name == account else 0)
                account = name
                if size > LONGEST:
                    raise ValueError(name)
            yield part


def _bytes(items: Any, coding: str) -> list[Any]:
    if not isinstance(items, list):
        raise TypeError
    return [_bytes(each, coding) if isinstance(each, list) else each.encode(coding) for each in items]
