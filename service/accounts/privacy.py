"""What is kept of a person, and where: the account, its sign-in links, and its part in what admins did.

Other rooms say the same of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from service.accounts import sign_in, store
from service.accounts.model import account_key
from service.audit import store as audit
from service.audit.model import Actor, Entry
from service.audit.store import PEOPLE_KEY, PSEUDONYMS_KEY
from service.storage.client import Client
from service.storage.times import moment


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

    `erase` is told who does it, and returns how much there was. Both raise StorageUnavailable.
    """

    name: str
    read: Callable[[Client, str], Kept]
    erase: Callable[[Client, str, Actor], int]


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


def _acts(client: Client, account_id: str) -> Kept:
    """What the person did as an admin, and what was done to them; and where it says that it was they.

    The entries themselves name nobody, and stay. Who else has a part in one is not said.
    """
    pseudonym = audit.pseudonym_of(client, account_id)
    if pseudonym is None:
        return Kept([], [])
    acts = [_act(entry, account_id) for entry in audit.entries(client, who=account_id)]
    # Not those of a user of a machine who is called the same.
    acts = [act for act in acts if act["by_this_person"] or act["on_this_person"]]
    places = [Place(PSEUDONYMS_KEY, account_id), Place(PEOPLE_KEY, pseudonym)]
    return Kept(acts, places)


def _act(entry: Entry, account_id: str) -> dict[str, Any]:
    parts = {"by_this_person": entry.who, "on_this_person": entry.whom}
    own = {name: party is not None and party.account_id == account_id for name, party in parts.items()}
    said = {"about": entry.about, "before": entry.before, "after": entry.after, "outcome": entry.outcome}
    return {"at": entry.at.isoformat(timespec="seconds"), "what": entry.what} | own | said


ACCOUNT = Kind("account", _account, lambda client, account_id, by: store.remove(client, account_id, by=by))
SIGN_IN_LINKS = Kind("sign_in_links", _links, lambda client, account_id, _: _erase_links(client, account_id))
ACTS = Kind("acts", _acts, lambda client, account_id, _: audit.forget(client, account_id))
