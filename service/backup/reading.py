"""Read all that a backup has of a store, while people use the store.

Values that must agree are read in one step, a MULTI: a feature's votes with their days
and reasons, all requests with their lists, and all changes. A script would do the same,
but block Redis ten times as long for a large set.

Between these steps only votes and renames must agree. Renames are read again after the
votes. Accounts come last, so that the backup has every account that voted.

SCAN may miss a request that is added during the scan. A sequence number, which increases
with each request, shows that (`_read_requests`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY
from service.backup.stored import StoredKey, StreamInfo, decode, make_batches, make_lines, parse_key, run_in_one_step
from service.backup.subjects import ITEMS, Command, Line
from service.feedback.keys import SEQUENCE_KEY, messages_key, open_key, thread_key
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script
from service.usage.store import uses_key
from service.webhooks.store import CHANGES, REQUESTS

#: How often requests are read again, if other requests are added.
_TRIES = 20

#: One round trip reads this many accounts.
_ACCOUNTS = 500

#: One round trip reads the uses of this many names. A name may have 3,200 numbers.
_NAMES = 20

#: Returns what XINFO knows of a stream, or nothing if there is no stream: XINFO would fail.
_INFO = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('XINFO', 'STREAM', KEYS[1])"

_SERVER = Script.load("backup/server", returns=str | bytes)

#: The keys of a feature.
_VOTES = (trend_key, interest_key, voted_key, reasons_key)

#: The command that reads a key, by type.
_READERS: dict[str, tuple[str, ...]] = {
    "hash": ("HGETALL",),
    "set": ("SMEMBERS",),
    "list": ("LRANGE", "0", "-1"),
    "string": ("GET",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


class Interrupted(StorageUnavailable):
    """Features were merged, or another server took over, during the backup. A new backup can succeed."""


def lines(client: Client) -> Iterator[Line]:
    """Yield the lines of a backup, in the order in which they are restored.

    Raises:
        Interrupted: the backup has to start again.
        StorageUnavailable: Redis did not answer.
    """
    return make_lines(_read_store(client))


def number_of_lines(client: Client) -> int:
    """Estimate the number of lines of a backup, for a progress bar.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    return int(client.ask(lambda redis: redis.dbsize()) + client.command("XLEN", ENTRIES_KEY))


def _read_store(client: Client) -> Iterator[StoredKey]:
    with closing(Client(client.url, client.timeout, tries=1, decodes=False)) as store:
        server, renames = _read_run_id(store), store.command("HGETALL", RENAMES_KEY)
        yield StoredKey(RENAMES_KEY, renames)
        for feature in sorted({*_scan_names(store, trend_key("")), *_scan_names(store, interest_key(""))}):
            yield from _read(store, [key(feature) for key in _VOTES])
        if store.command("HGETALL", RENAMES_KEY) != renames:
            raise Interrupted("Features were merged while their votes were read.")
        yield from _read_in_batches(store, dismissed_key)
        yield from _read_requests(store)
        yield from _read(store, [*CHANGES.keys, history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY])
        yield from _read_in_batches(store, uses_key, _NAMES)
        yield from _read_acts(store)
        yield from _read_in_batches(store, account_key)
        if _read_run_id(store) != server:
            raise Interrupted("Another server of Redis took over, or was started anew, while the store was read.")


def _read_run_id(store: Client) -> object:
    """Return the id of the server process. A cursor of SCAN is only valid in one process."""
    return store.run(_SERVER, [RENAMES_KEY], [])


def _scan_names(store: Client, prefix: str) -> Iterable[str]:
    """Return the names of keys without their prefix. SCAN may return a key twice."""
    keys: Iterable[Any] = store.scan(f"{prefix}*")  # bytes, as this client does not decode
    return dict.fromkeys(decode(key).removeprefix(prefix) for key in keys)


def _read_in_batches(store: Client, key: Callable[[str], str], size: int = _ACCOUNTS) -> Iterator[StoredKey]:
    """Read keys that do not have to agree with each other."""
    for names in make_batches(_scan_names(store, key("")), size):
        yield from _read(store, list(map(key, names)))


def _read_requests(store: Client) -> Iterator[StoredKey]:
    """Read all requests in one step: first what they share, then each after its messages.

    A new request increases the sequence. If the sequence is the same before the scan and
    in that step, the scan has missed no request.
    """
    for _ in range(_TRIES):
        sequence = _read(store, [SEQUENCE_KEY])
        keys = [SEQUENCE_KEY, *REQUESTS.keys, *map(open_key, _scan_names(store, open_key("")))]
        for id in _scan_names(store, thread_key("")):
            keys += [messages_key(id), thread_key(id)]
        requests = _read(store, keys)
        if requests[:1] == sequence:
            return iter(requests)
    raise StorageUnavailable("Requests are written to so often that they could not be read as a whole.")


def _read_acts(store: Client) -> Iterator[StoredKey]:
    """Read pseudonyms and the outcomes of acts, then the acts until that moment, oldest first."""
    [newest] = run_in_one_step(store, [("XREVRANGE", ENTRIES_KEY, "+", "-", "COUNT", 1)])
    yield from _read(store, [PEOPLE_KEY, OUTCOMES_KEY])
    start, has_more = "-", bool(newest)
    while has_more:
        last = decode(newest[0][0])
        [acts] = run_in_one_step(store, [("XRANGE", ENTRIES_KEY, start, last, "COUNT", ITEMS)])
        yield StoredKey(ENTRIES_KEY, acts)
        start, has_more = f"({decode(acts[-1][0])}" if acts else "", len(acts) == ITEMS


def _read(store: Client, keys: Sequence[str]) -> list[StoredKey]:
    """Read keys in one step."""
    commands: list[Command] = []
    for key in keys:
        kind = parse_key(key)[2]
        command, *arguments = _READERS[kind]
        commands.append((command, key, *arguments))
        commands.append(("EVAL", _INFO, 1, key) if kind == "stream" else ("PEXPIRETIME", key))
    replies = run_in_one_step(store, commands)
    return list(map(_make_stored_key, keys, replies[::2], replies[1::2]))


def _make_stored_key(name: str, value: Any, reply: Any) -> StoredKey:
    """Combine the replies about a key. The second one is None if there is no stream."""
    if isinstance(reply, int):
        return StoredKey(name, value, expires=reply)
    return StoredKey(name, value, stream=_parse_stream_info(reply) if reply else None)


def _parse_stream_info(reply: list[Any]) -> StreamInfo:
    info = dict(zip(map(decode, reply[::2]), reply[1::2], strict=True))
    return StreamInfo(decode(info["last-generated-id"]), info["entries-added"], decode(info["max-deleted-entry-id"]))
