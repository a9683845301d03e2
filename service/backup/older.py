"""A backup of format 1, whose lines were keys of Redis as they were called then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.accounts.model import account_key
from service.backup.stored import TYPES, Held, split, text
from service.backup.subjects import expect
from service.storage.form import key


def keys(values: Iterable[Mapping[str, Any]]) -> Iterator[Held]:
    """What lines hold, by their JSON. Raises one of DAMAGED for what is no such line."""
    last = ""
    for value in values:
        if value.get("latin1"):  # by which each character stands for a byte
            value = {field: _of_bytes(part) for field, part in value.items()}
        # Of votes, and of each other room, keys began with its name in braces; those of accounts did not.
        name = key(re.sub(r"^\{(\w+)\}", r"\1", value["key"]).removeprefix("votes:"))
        begin, _ = split(name)
        expect(name != last or begin != account_key(""))  # of which a line tells the whole
        last = name
        kind = TYPES.get(begin, "hash")
        items: Any = value.get(kind)
        if kind == "stream":
            items = [(id, fields) for id, *fields in items]
        yield Held(name, items, value.get("expires") or value.get("state") or -1)


def _of_bytes(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_of_bytes, value))
    return text(value.encode("latin-1")) if isinstance(value, str) else value
