"""What the tests of backups share: taking one, restoring it, and all that a store holds as far as it is saved."""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from redis import Redis
from support import AnyClient, table

from service.backup import format as form
from service.backup import reading, restoring
from service.backup.format import Contents
from service.backup.subjects import Line
from service.storage.client import Client

#: Made by the last version that wrote keys of Redis, of a store with everything in it that there can be.
FORMAT_1 = Path(__file__).with_name("format_1.gz")

LEFT_OUT = table(__file__, "left_out.yaml")


def taken(client: Client) -> BytesIO:
    """A backup of a store."""
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
        keys = sorted(key for key in raw.scan_iter() if not key.startswith(tuple(map(str.encode, LEFT_OUT))))
        return {key: (_READERS[raw.type(key)](raw, key), raw.pexpiretime(key)) for key in keys}


def _stream(raw: Redis, key: bytes) -> object:
    info = raw.xinfo_stream(key)
    known = {name: info[name] for name in ("last-generated-id", "entries-added", "max-deleted-entry-id")}
    return raw.xrange(key), None if key.startswith(b"{registry}:audit") else known


_READERS: dict[bytes, Callable[[Any, bytes], object]] = {
    b"set": lambda raw, key: raw.smembers(key),
    b"hash": lambda raw, key: raw.hgetall(key),
    b"string": lambda raw, key: raw.get(key),
    b"list": lambda raw, key: raw.lrange(key, 0, -1),
    b"stream": _stream,
    b"zset": lambda raw, key: raw.zrange(key, 0, -1, withscores=True),
}
