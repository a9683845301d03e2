"""Reading all that is saved of a store while people use it.

What belongs together is read in one step, a MULTI: a feature's votes and its trend, all requests with their lists, all
that changed. A script would do the same, and hold Redis ten times as long for a large set. Between these steps nothing
has to agree but votes and renames, which are looked at again behind the votes; accounts come last, so that whoever has
voted is among them. What a walk through the keys may miss is found by a number that rises with whatever is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.backup.commands import Command, step
from service.backup.keys import TOLD
from service.backup.parts import KINDS, Part, split, told
from service.backup.subjects import ITEMS, Line
from service.feedback import keys as feedback
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, trend_key
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script

#: How often what was changed meanwhile is read anew.
_TRIES = 20

_SERVER = Script.load("backup/server", returns=str | bytes)

#: How many accounts one round trip reads.
_ACCOUNTS = 500


class Interrupted(StorageUnavailable):
    """Features were merged, or another server took over, while votes were read: a new try is as good as the first."""


def lines(client: Client, looked_at: Callable[[int], object] = lambda number: None) -> Iterator[Line]:
    """All that a backup tells of a store, in the order in which it is restored; `looked_at` is told how many keys are.

    Raises StorageUnavailable, and Interrupted where all has to be read anew.
    """

    def looked() -> Iterator[Part]:
        last = ("", b"")
        for part in parts(client):
            looked_at(int((part.kind, part.name) != last))
            last = part.kind, part.name
            yield part

    return told(looked())


def parts(client: Client) -> Iterator[Part]:
    """The keys of a store, but for those that are not told of. Raises as `lines` does."""
    url, timeout = client.url, client.timeout
    with closing(Client(url, timeout, tries=1, decodes=False)) as raw:
        server, renames = _server(raw), raw.command("HGETALL", RENAMES_KEY)
        yield from _of_votes(raw)
        if raw.command("HGETALL", RENAMES_KEY) != renames:
            raise Interrupted("Features were merged while their votes were read.")
        yield from _each(raw, dismissed_key(""))
        yield from _requests(raw)
        yield from _of_room(raw, ("HGETALL", history.REGISTRY_KEY))
        yield from _audit(raw)
        yield from _each(raw, account_key(""))
        if _server(raw) != server:
            raise Interrupted("Another server of Redis took over, or was started anew, while the store was read.")


def number_of_keys(client: Client) -> int:
    """About how many keys a store has, for progress. Raises StorageUnavailable."""
    return int(client.ask("", lambda redis: redis.dbsize()))


def _server(raw: Client) -> object:
    """Which process has the keys: a walk through the keys of one means nothing to another."""
    return raw.run(_SERVER, [RENAMES_KEY], [])


def _scanned(raw: Client, pattern: str) -> Iterator[bytes]:
    for key in raw.scan(pattern):
        yield key.encode() if isinstance(key, str) else key


def _of_votes(raw: Client) -> Iterator[Part]:
    """Renames, then each feature: its trend, and its votes of the same moment."""
    yield from _read(raw, [RENAMES_KEY.encode()])[0]
    trend, interest = trend_key("").encode(), interest_key("").encode()
    found = {key.removeprefix(interest) for key in _scanned(raw, interest_key("*"))}
    found |= {key.removeprefix(trend) for key in _scanned(raw, trend_key("*"))}
    for feature in sorted(found):
        yield from _read(raw, [trend + feature, interest + feature])[0]


def _requests(raw: Client) -> Iterator[Part]:
    """What requests have in common, then each request behind its messages."""
    requests: dict[bytes, list[Part]] = defaultdict(list)
    for part in _of_room(raw, ("GET", feedback.SEQUENCE_KEY)):  # sorted, so that messages come before the hashes
        if part.kind in ("messages", "thread"):
            requests[part.name].append(part)
        else:
            yield part
    for each in requests.values():
        yield from each


def _of_room(raw: Client, watched: tuple[str, str]) -> Iterator[Part]:
    """All keys of the same room as one, in one step.

    Whoever adds a key changes what the command `watched` answers, so that nobody has where it is the same before a walk
    through all keys and in that step.
    """
    pattern = watched[1].rpartition(":")[0] + ":*"
    for _ in range(_TRIES):
        [before] = step(raw, [watched])
        keys = sorted({key for key in _scanned(raw, pattern) if split(key, TOLD)})
        found, now = _read(raw, keys, watched)
        if now == before:
            return iter(found)
    raise StorageUnavailable(f"{pattern} is written to so often that it could not be read as a whole.")


def _audit(raw: Client) -> Iterator[Part]:
    """Whom pseudonyms stand for; then acts up to that moment, oldest first, each page with how they ended."""
    known, people, newest = step(
        raw,
        [("HGETALL", PSEUDONYMS_KEY), ("HGETALL", PEOPLE_KEY), ("XREVRANGE", ENTRIES_KEY, "+", "-", "COUNT", 1)],
    )
    pairs = [(account, name) for account, name in known.items() if people.get(name) == account]
    yield from _parts("pseudonyms", b"", [part for pair in pairs for part in pair])
    last = newest[0][0] if newest else b""
    begin = b"-"
    while last and (page := _page(raw, begin, last)):
        begin = b"(" + page[-1][0]
        acts = [act for entry in page if (act := dict(zip(entry[1::2], entry[2::2], strict=True)).get(b"act"))]
        outcomes: list[Any] = [None] * len(acts)
        if acts:  # what was dropped since takes how it ended along
            still, outcomes = step(
                raw,
                [("XRANGE", ENTRIES_KEY, page[0][0], page[-1][0]), ("HMGET", OUTCOMES_KEY, *acts)],
            )
            page = _entries(still)
        ended = [(act, outcome) for act, outcome in zip(acts, outcomes, strict=True) if outcome is not None]
        yield from _parts("outcomes", b"", [part for each in ended for part in each])
        yield from _parts("entries", b"", page)


def _page(raw: Client, begin: bytes, last: bytes) -> list[list[bytes]]:
    [found] = step(raw, [("XRANGE", ENTRIES_KEY, begin, last, "COUNT", ITEMS)])
    return _entries(found)


def _each(raw: Client, prefix: str) -> Iterator[Part]:
    """Keys of which each is by itself, each once."""
    names = iter(dict.fromkeys(_scanned(raw, f"{prefix}*")))  # a scan may tell a key twice
    while keys := list(islice(names, _ACCOUNTS)):
        yield from _read(raw, keys)[0]


def _read(raw: Client, keys: Sequence[bytes], more: Command | None = None) -> tuple[list[Part], Any]:
    """What keys hold, of large ones in parts, and the answer to one command more, all in one step."""
    commands = [command for key in keys for command in _commands(key)]
    answers = iter(step(raw, [*commands, *([more] if more else [])]))
    found: list[Part] = []
    for key in keys:
        kind, name = _split(key)
        value, expires = next(answers), next(answers)
        state = _state(next(answers)) if KINDS[kind] == "stream" else None
        found += _parts(kind, name, _flat(value, KINDS[kind]), expires if expires > 0 else None, state)
    return found, next(answers, None)


def _split(key: bytes) -> tuple[str, bytes]:
    found = split(key, TOLD)
    assert found is not None
    return found


def _commands(key: bytes) -> Iterator[Command]:
    of_type = KINDS[_split(key)[0]]
    readers: dict[str, Command] = {
        "hash": ("HGETALL", key),
        "set": ("SMEMBERS", key),
        "list": ("LRANGE", key, 0, -1),
        "zset": ("ZRANGE", key, 0, -1, "WITHSCORES"),
        "stream": ("XRANGE", key, "-", "+"),
    }
    yield readers[of_type]
    yield "PEXPIRETIME", key
    if of_type == "stream":
        yield "XINFO STREAM", key


def _flat(value: Any, of_type: str) -> Any:
    """What redis-py makes of an answer, in the order in which Redis has it: a list, or of a set the set itself."""
    if of_type == "hash":
        return [part for pair in value.items() for part in pair]
    return _entries(value) if of_type == "stream" else value


def _entries(found: Sequence[Any]) -> list[list[bytes]]:
    """Entries of a stream; redis-py does not make dictionaries of their fields in a MULTI on a Cluster."""
    return [
        [entry, *(fields if isinstance(fields, list) else (part for pair in fields.items() for part in pair))]
        for entry, fields in found
    ]


def _state(info: Any) -> list[bytes] | None:
    if isinstance(info, Exception):  # there is none
        return None
    pairs = info.items() if isinstance(info, dict) else zip(info[::2], info[1::2], strict=True)  # on a Cluster
    known = {name if isinstance(name, str) else name.decode(): value for name, value in pairs}
    return [known["last-generated-id"], b"%d" % known["entries-added"], known["max-deleted-entry-id"]]


def _parts(
    kind: str, name: bytes, items: Any, expires: int | None = None, state: list[bytes] | None = None
) -> Iterator[Part]:
    """Parts of a key, of which each has some of its items; lists, which are short, are whole.

    The last one has the state: what is older than that says cannot be added to a stream any more.
    """
    if isinstance(items, list) and (len(items) <= ITEMS or KINDS[kind] == "list"):
        if items:
            yield Part(kind, name, items, expires, state)
        return
    left = iter(items)
    part = list(islice(left, ITEMS))
    while part:
        following = list(islice(left, ITEMS))
        yield Part(kind, name, part, expires, None if following else state)
        part = following
