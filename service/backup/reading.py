"""Reading all that is saved of a store while people use it.

What belongs together is read in one step, a MULTI: a feature's votes and all that is kept beside them, all requests
with their lists, all that changed. A script would do the same, and hold Redis ten times as long for a large set.
Between these steps nothing has to agree but votes and renames, which are looked at again behind the votes; accounts
come last, so that whoever has voted is among them. What a walk through the keys may miss is found by a number that
rises with whatever is added.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY
from service.backup.stored import Held, batches, split, step, text, told
from service.backup.subjects import ITEMS, Command, Line
from service.feedback.keys import SEQUENCE_KEY, messages_key, open_key, thread_key
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script
from service.usage.store import uses_key
from service.webhooks.store import CHANGES, REQUESTS

#: How often what was changed meanwhile is read anew.
_TRIES = 20

#: How many accounts one round trip reads, and how many names that are used, of which each may have 3,200 numbers.
_ACCOUNTS, _NAMES = 500, 20

#: What asks a stream of itself: XINFO fails where there is none.
_INFO = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('XINFO', 'STREAM', KEYS[1])"

_SERVER = Script.load("backup/server", returns=str | bytes)

#: What is kept of the votes of a feature.
_VOTES = (trend_key, interest_key, voted_key, reasons_key)

#: What reads a key of a type.
_READERS: dict[str, tuple[str, ...]] = {
    "hash": ("HGETALL",),
    "set": ("SMEMBERS",),
    "list": ("LRANGE", "0", "-1"),
    "string": ("GET",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


class Interrupted(StorageUnavailable):
    """Features were merged, or another server took over, while votes were read: a new try is as good as the first."""


def lines(client: Client) -> Iterator[Line]:
    """All that a backup tells of a store, in the order in which it is restored.

    Raises StorageUnavailable, and Interrupted where all has to be read anew.
    """
    return told(_keys(client))


def number_of_lines(client: Client) -> int:
    """About how many lines a store makes, for progress. Raises StorageUnavailable."""
    return int(client.ask(lambda redis: redis.dbsize()) + client.command("XLEN", ENTRIES_KEY))


def _keys(client: Client) -> Iterator[Held]:
    with closing(Client(client.url, client.timeout, tries=1, decodes=False)) as store:
        server, renames = _server(store), store.command("HGETALL", RENAMES_KEY)
        yield Held(RENAMES_KEY, renames)
        for feature in sorted({*_names(store, trend_key("")), *_names(store, interest_key(""))}):
            yield from _read(store, [key(feature) for key in _VOTES])
        if store.command("HGETALL", RENAMES_KEY) != renames:
            raise Interrupted("Features were merged while their votes were read.")
        yield from _each(store, dismissed_key)
        yield from _requests(store)
        yield from _read(store, [*CHANGES.keys, history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY])
        yield from _each(store, uses_key, _NAMES)
        yield from _acts(store)
        yield from _each(store, account_key)
        if _server(store) != server:
            raise Interrupted("Another server of Redis took over, or was started anew, while the store was read.")


def _server(store: Client) -> object:
    """Which process has the keys: a walk through the keys of one means nothing to another."""
    return store.run(_SERVER, [RENAMES_KEY], [])


def _names(store: Client, prefix: str) -> Iterable[str]:
    """What follows in the names of keys, each once, which a scan may tell twice."""
    return dict.fromkeys(text(key).removeprefix(prefix) for key in store.scan(f"{prefix}*"))


def _each(store: Client, key: Callable[[str], str], at_once: int = _ACCOUNTS) -> Iterator[Held]:
    """Keys of which each is by itself."""
    for names in batches(_names(store, key("")), at_once):
        yield from _read(store, list(map(key, names)))


def _requests(store: Client) -> Iterator[Held]:
    """What requests have in common, then each behind its messages; all in one step.

    Whoever adds one has the sequence rise, so that nobody has where it is the same before a walk through all keys and
    in that step.
    """
    for _ in range(_TRIES):
        before = _read(store, [SEQUENCE_KEY])
        keys = [SEQUENCE_KEY, *REQUESTS.keys, *map(open_key, _names(store, open_key("")))]
        keys += [key for id in _names(store, thread_key("")) for key in (messages_key(id), thread_key(id))]
        requests = _read(store, keys)
        if requests[:1] == before:
            return iter(requests)
    raise StorageUnavailable("Requests are written to so often that they could not be read as a whole.")


def _acts(store: Client) -> Iterator[Held]:
    """Whom pseudonyms stand for; then acts up to that moment, oldest first, with how they had ended then."""
    [newest] = step(store, [("XREVRANGE", ENTRIES_KEY, "+", "-", "COUNT", 1)])
    yield from _read(store, [PEOPLE_KEY, OUTCOMES_KEY])
    begin, more = "-", bool(newest)
    while more:
        [acts] = step(store, [("XRANGE", ENTRIES_KEY, begin, text(newest[0][0]), "COUNT", ITEMS)])
        yield Held(ENTRIES_KEY, acts)
        begin, more = f"({text(acts[-1][0])}" if acts else "", len(acts) == ITEMS


def _read(store: Client, keys: Sequence[str]) -> list[Held]:
    """What keys hold, in one step."""
    commands: list[Command] = []
    for key in keys:
        kind = split(key)[2]
        command, *rest = _READERS[kind]
        commands += [(command, key, *rest), ("EVAL", _INFO, 1, key) if kind == "stream" else ("PEXPIRETIME", key)]
    answers = step(store, commands)
    return [Held(*each) for each in zip(keys, answers[::2], map(_more, answers[1::2]), strict=True)]


def _more(answer: Any) -> Any:
    """What is told of a key beside what it holds."""
    if not isinstance(answer, list):
        return -1 if answer is None else answer
    info = dict(zip(map(text, answer[::2]), answer[1::2], strict=True))
    return info["last-generated-id"], str(info["entries-added"]), info["max-deleted-entry-id"]
