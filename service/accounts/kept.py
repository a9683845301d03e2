"""What is kept of a person, and where: the account, and its sign-in links. Other rooms say the same of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from service.accounts import sign_in, store
from service.accounts.store import account_key
from service.storage.client import Client
from service.times import moment


class Place(NamedTuple):
    """Where something is kept: a key of Redis or, where that has something of others as well, a part of it.

    That is a member of a set, a field of a hash, or the id of a message in a list of them.
    """

    key: str
    part: str | None = None


class Kept(NamedTuple):
    """What is kept, as JSON has it, and where."""

    value: Any
    places: list[Place]


class Kind(NamedTuple):
    """One kind of what is kept of a person: its name, and how it is read and erased, by the account's id.

    `erase` returns how much there was. Both raise StorageUnavailable.
    """

    name: str
    read: Callable[[Client, str], Kept]
    erase: Callable[[Client, str], int]


def when(milliseconds: int) -> str:
    """A time since 1970 as JSON has it, in UTC. Raises ValueError for one that is on no calendar."""
    return moment(milliseconds).isoformat(timespec="seconds")


def _account(client: Client, account_id: str) -> Kept:
    """Every field of the account, also those that only the platform knows."""
    fields = dict(client.command("HGETALL", account_key(account_id)))
    return Kept({"id": account_id, **fields}, [Place(account_key(account_id))]) if fields else Kept(None, [])


def _links(client: Client, account_id: str) -> Kept:
    """The sign-in links that have not expired. The token of each is known to nobody but to whoever has the link."""
    links, places = [], []
    for key in sign_in.tokens_of(client, account_id):
        used, left = client.command("HEXISTS", key, "nonce"), client.command("PTTL", key)
        if left > 0:
            now = int(datetime.now(UTC).timestamp() * 1000)
            links.append({"expires": when(now + left), "used": bool(used)})
            places.append(Place(key))
    return Kept(links, places)


def _erase_links(client: Client, account_id: str) -> int:
    return sum(client.command("DEL", key) for key in sign_in.tokens_of(client, account_id))


ACCOUNT = Kind("account", _account, store.remove)
SIGN_IN_LINKS = Kind("sign_in_links", _links, _erase_links)
