"""Helpers for tests of backups: make one, restore one, and read all values that a backup has."""

import json
from collections.abc import Iterable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from support import AnyClient, everything, table

from service.backup import format as form
from service.backup import reading, restoring
from service.backup.format import Contents
from service.backup.subjects import Line
from service.storage.client import Client

#: Made by a checkout before version 1.0.0, of a store with sessions from before all keys were renamed.
FORMAT_3 = Path(__file__).with_name("format_3.gz")

#: Made by version 1.0.0, of a store with every subject.
FORMAT_4 = Path(__file__).with_name("format_4.gz")

LEFT_OUT = table(__file__, "left_out.yaml")


def taken(client: Client) -> BytesIO:
    form.write(file := BytesIO(), reading.lines(client))
    return file


def put_back(client: Client, file: BytesIO) -> Contents:
    """Restore a backup, as the command does."""
    contents = form.check(file, "backup")
    assert sum(restoring.restore(client, form.lines(file, "backup"))) == contents.lines
    return contents


def unordered(lines: Iterable[Line]) -> list[str]:
    """What lines tell, in no order; without the restore itself."""
    told = [{name: sorted(each) if isinstance(each, list) else each for name, each in line.items()} for line in lines]
    return sorted(json.dumps(each, sort_keys=True) for each in told if "store-restored" not in str(each))


def saved(client: AnyClient) -> dict[bytes, Any]:
    """All that a store holds and that is to come back: bytes, the ends of keys, and what a stream knows of itself."""
    with closing(AnyClient(client.url, 5.0, decodes=False)) as raw:
        held = everything(raw).items()
        kept = {key: value for key, value in held if not key.startswith(tuple(map(str.encode, LEFT_OUT)))}
        return {key: (value, raw.pexpiretime(key), _stream(raw, key)) for key, value in kept.items()}


def _stream(raw: AnyClient, key: bytes) -> list[Any]:
    if raw.type(key) != b"stream" or key.startswith(b"{registry}:audit"):
        return []
    info = raw.xinfo_stream(key)
    return [info[name] for name in ("last-generated-id", "entries-added", "max-deleted-entry-id")]
