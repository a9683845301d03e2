"""Everything that is kept of a person, in one list, which is walked to show it and to erase it.

Whatever else comes to be kept of people belongs into the list. Events of the registry, trends, which count votes by
day, and what workers say name nobody.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from service.accounts import actor, sign_in, store
from service.accounts.model import account_key
from service.audit import store as audit
from service.audit.model import Action, Actor, Entry
from service.feedback import keys
from service.feedback.model import MESSAGE_SIZE, Author
from service.interest.keys import BUCKETS_KEY, dismissed_key, interest_key, reasons_key, voted_key
from service.interest.maintenance import stored_features, withdraw_all
from service.interest.reason import parsed
from service.problems import UnknownAccount
from service.storage.client import Client
from service.storage.entries import moment
from service.storage.script import Script
from service.wording import printable, shortened

_ERASE_REQUESTS = Script.load("feedback/threads", "feedback/erase", returns=(int, int))

#: Threads that one step erases: a step of this size keeps requests waiting for a few milliseconds.
_BATCH = 20

#: What is stored of a message (feedback/lua/threads.lua); `by` is the account of its author.
_OF_MESSAGE = ("id", "author", "by", "name", "at", "text")


class Place(NamedTuple):
    """Where something is kept: a key of Redis or, where that has something of others as well, a part of it.

    That is a member of a set, a field of a hash, or the id of a message in a list of them.
    """

    key: str
    part: str | None = None


#: What is kept, as JSON has it, and where.
Kept = tuple[Any, list[Place]]


class Kind(NamedTuple):
    """One kind of what is kept of a person: its name, and how it is read and erased, by the account's id.

    `erase` is told who does it, and returns how much there was. Both raise StorageUnavailable.
    """

    name: str
    read: Callable[[Client, str], Kept]
    erase: Callable[[Client, str, Actor], int]


def data(client: Client, account_id: str, *, by: Actor) -> dict[str, Any]:
    """As `kept`, to be handed out, which is recorded.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and what `kept` does.
    """
    actor.check(client, by)
    exported = kept(client, account_id)
    actor.record(client, by, Action.DATA_EXPORTED, whom=account_id)
    return exported


def kept(client: Client, account_id: str) -> dict[str, Any]:
    """All of it by its kind, and under `stored_in` where it is.

    Raises UnknownAccount where there is nothing: something can be left of an account that the platform has deleted, or
    that was erased half-way. Raises StorageUnavailable.
    """
    kinds = {kind.name: kind.read(client, account_id) for kind in EVERYTHING}
    places = [place._asdict() for _, places in kinds.values() for place in places]
    if not places:
        raise UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
    return {name: value for name, (value, _) in kinds.items()} | {"stored_in": places}


def erase(client: Client, account_id: str, *, by: Actor) -> dict[str, int]:
    """Erase all of it; returns how much there was of each kind. Can run again after a crash.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, OwnAccount, and what `kept` does.
    """
    actor.check_is_another(client, by, account_id)
    actor.check(client, by)
    kept(client, account_id)
    with actor.intended(client, by, Action.PERSON_ERASED, whom=account_id):
        return {kind.name: int(kind.erase(client, account_id, by)) for kind in EVERYTHING}


def _when(milliseconds: int) -> str:
    """A time since 1970 as JSON has it, in UTC. Raises ValueError for one that is on no calendar."""
    return moment(milliseconds).isoformat(timespec="seconds")


def _account(client: Client, account_id: str) -> Kept:
    """Every field of the account, also those that only the platform knows."""
    fields = dict(client.command("HGETALL", account_key(account_id)))
    return ({"id": account_id, **fields}, [Place(account_key(account_id))]) if fields else (None, [])


def _links(client: Client, account_id: str) -> Kept:
    """The sign-in links that have not expired. The token of each is known to nobody but to whoever has the link."""
    links, places = [], []
    for key in sign_in.tokens_of(client, account_id):
        used, left = client.command("HEXISTS", key, "nonce"), client.command("PTTL", key)
        if left > 0:
            now = int(datetime.now(UTC).timestamp() * 1000)
            links.append({"expires": _when(now + left), "used": bool(used)})
            places.append(Place(key))
    return links, places


def _erase_links(client: Client, account_id: str, _: Actor) -> int:
    return sum(client.command("DEL", key) for key in sign_in.tokens_of(client, account_id))


def _votes(client: Client, account_id: str) -> Kept:
    """What the account wants, allowed or not, by the ids that votes are kept under, since which day, and why.

    Its token bucket is named alone: all that it says is that somebody voted a moment ago.
    """
    votes, places = [], list[Place]()
    for id in stored_features(client):
        if client.command("SISMEMBER", interest_key(id), account_id):
            beside = (voted_key(id), reasons_key(id))
            day, reason = found = [client.command("HGET", key, account_id) for key in beside]
            at, text = parsed(reason or "")
            votes.append({"feature": id, "day": day, "reason": text or None, "said": _when(at) if text else None})
            places += [Place(key, account_id) for key, value in zip(beside, found, strict=True) if value]
            places.append(Place(interest_key(id), account_id))
    return votes, places + _bucket(client, BUCKETS_KEY, account_id)


def _erase_votes(client: Client, account_id: str, _: Actor) -> int:
    client.command("ZREM", BUCKETS_KEY, account_id)
    return withdraw_all(client, account_id)


def _bucket(client: Client, key: str, account_id: str) -> list[Place]:
    return [] if client.command("ZSCORE", key, account_id) is None else [Place(key, account_id)]


def _dismissed(client: Client, account_id: str) -> Kept:
    """What the account is not to be told any more, and since when."""
    key = dismissed_key(account_id)
    times = {slug: _moment(time, unit=1) for slug, time in dict(client.command("HGETALL", key)).items()}
    return times, [Place(key)] if times else []


def _requests(client: Client, account_id: str) -> Kept:
    """The activation requests that the account asked, and what it answered in others as an admin."""
    asked, places = [], []
    for id in client.command("ZRANGE", keys.of_key(account_id), 0, -1):
        fields, messages = dict(client.command("HGETALL", keys.thread_key(id))), _messages(client, id)
        request = {"id": id} | {name: fields.get(name, "") for name in ("name", "module", "status")}
        times = {name: _moment(fields.get(name, "0"), unit=1000) for name in ("created", "updated")}
        asked.append(request | times | {"messages": list(map(_shown, messages))})
        places += [Place(keys.thread_key(id)), Place(keys.messages_key(id))]
        places.append(Place(keys.queue_key(f"{fields.get('status')}:{fields.get('module')}"), id))
        answerers = {each["by"] for each in messages if each["author"] == Author.ADMIN and each["by"]}
        places += [Place(keys.answers_key(admin), id) for admin in sorted(answerers)]
    answered, answers = _answers(client, account_id)
    own = (keys.of_key(account_id), keys.open_key(account_id))
    whole = [Place(key) for key in own if client.command("EXISTS", key)]
    whole += _bucket(client, keys.BUCKETS_KEY, account_id)
    return {"asked": asked, "answered": answered}, [*whole, *places, *answers]


def _answers(client: Client, account_id: str) -> tuple[list[dict[str, str]], list[Place]]:
    """What the account has said as an admin, and where it is named: these requests are others'."""
    key, answered = keys.answers_key(account_id), []
    places = [Place(key)] if client.command("EXISTS", key) else []
    for id in sorted(client.command("SMEMBERS", key)):
        module = client.command("HGET", keys.thread_key(id), "module")
        for each in _messages(client, id):
            if each["author"] == Author.ADMIN and each["by"] == account_id:
                answered.append({"request": id, "module": module} | _shown(each))
                places.append(Place(keys.messages_key(id), each["id"]))
        places.append(Place(keys.thread_key(id), "version"))
    return answered, places


def _messages(client: Client, thread_id: str) -> list[dict[str, str]]:
    items = client.command("LRANGE", keys.messages_key(thread_id), 0, -1)
    starts = range(0, len(items) - MESSAGE_SIZE + 1, MESSAGE_SIZE)
    return [dict(zip(_OF_MESSAGE, items[start : start + MESSAGE_SIZE], strict=True)) for start in starts]


def _shown(message: dict[str, str]) -> dict[str, str]:
    return {name: message[name] for name in ("author", "name", "text")} | {"at": _moment(message["at"], unit=1000)}


def _moment(number: str, unit: int) -> str:
    """A time, stored in units of so many milliseconds, as JSON has it; what is damaged, as it stands."""
    try:
        return _when(int(number) * unit)
    except ValueError:
        return number


def erase_requests(client: Client, account_id: str) -> int:
    """Erase an account's threads, and its id and name from what it has answered as an admin.

    Returns how many threads there were. What an interrupted run has left, another erases. Raises StorageUnavailable.
    """
    erased = 0
    while (step := client.run(_ERASE_REQUESTS, keys.FEEDBACK_KEYS, [account_id, _BATCH], writes=True)) != [0, 0]:
        erased += step[0]
    return erased


def _acts(client: Client, account_id: str) -> Kept:
    """What the person did as an admin, and what was done to them; and where it says that it was they.

    The entries themselves name nobody, and stay. Who else has a part in one is not said.
    """
    pseudonym = audit.pseudonym_of(client, account_id)
    if pseudonym is None:
        return [], []
    acts = [_act(entry, account_id) for entry in audit.entries(client, who=account_id)]
    # Not those of a user of a machine who is called the same.
    acts = [act for act in acts if act["by_this_person"] or act["on_this_person"]]
    return acts, [Place(audit.PSEUDONYMS_KEY, account_id), Place(audit.PEOPLE_KEY, pseudonym)]


def _act(entry: Entry, account_id: str) -> dict[str, Any]:
    parts = {"by_this_person": entry.who, "on_this_person": entry.whom}
    own = {name: party is not None and party.account_id == account_id for name, party in parts.items()}
    said = {"about": entry.about, "before": entry.before, "after": entry.after, "outcome": entry.outcome}
    return {"at": entry.at.isoformat(timespec="seconds"), "what": entry.what} | own | said


#: In the order in which it is erased. The account goes first: from then on it cannot vote or ask, so that nothing is
#: left behind. Who is meant in the record of what admins did goes last: that the person was erased is in it.
EVERYTHING = (
    Kind("account", _account, lambda client, account_id, by: store.remove(client, account_id, by=by)),
    Kind("sign_in_links", _links, _erase_links),
    Kind("votes", _votes, _erase_votes),
    Kind("dismissed", _dismissed, lambda client, id, _: client.command("DEL", dismissed_key(id))),
    Kind("requests", _requests, lambda client, account_id, _: erase_requests(client, account_id)),
    Kind("acts", _acts, lambda client, account_id, _: audit.forget(client, account_id)),
)
