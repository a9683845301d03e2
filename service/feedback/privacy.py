"""What is kept of a person in activation requests: those that they asked, and what they answered as an admin."""

from __future__ import annotations

from service.accounts.privacy import Kept, Kind, Place, when
from service.feedback import keys
from service.feedback.model import MESSAGE_SIZE, Author
from service.storage.client import Client
from service.storage.script import Script

_ERASE = Script.load("feedback/threads", "feedback/erase", returns=(int, int))

#: Threads that one step erases: a step of this size keeps requests waiting for a few milliseconds.
_BATCH = 20

#: What is stored of a message (lua/threads.lua); `by` is the account of its author.
_FIELDS = ("id", "author", "by", "name", "at", "text")


def _requests(client: Client, account_id: str) -> Kept:
    asked, places = [], []
    for id in client.command("ZRANGE", keys.of_key(account_id), 0, -1):
        fields, messages = dict(client.command("HGETALL", keys.thread_key(id))), _messages(client, id)
        request = {"id": id} | {name: fields.get(name, "") for name in ("name", "module", "status")}
        times = {name: _moment(fields.get(name, "0")) for name in ("created", "updated")}
        asked.append(request | times | {"messages": list(map(_shown, messages))})
        places += [Place(keys.thread_key(id)), Place(keys.messages_key(id))]
        places.append(Place(keys.queue_key(f"{fields.get('status')}:{fields.get('module')}"), id))
        answerers = {each["by"] for each in messages if each["author"] == Author.ADMIN and each["by"]}
        places += [Place(keys.answers_key(admin), id) for admin in sorted(answerers)]
    answered, answers = _answers(client, account_id)
    own = (keys.of_key(account_id), keys.open_key(account_id))
    whole = [Place(key) for key in own if client.command("EXISTS", key)]
    if client.command("ZSCORE", keys.BUCKETS_KEY, account_id) is not None:
        whole.append(Place(keys.BUCKETS_KEY, account_id))
    return Kept({"asked": asked, "answered": answered}, [*whole, *places, *answers])


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
    return [dict(zip(_FIELDS, items[start : start + MESSAGE_SIZE], strict=True)) for start in starts]


def _shown(message: dict[str, str]) -> dict[str, str]:
    return {name: message[name] for name in ("author", "name", "text")} | {"at": _moment(message["at"])}


def _moment(seconds: str) -> str:
    """A time as JSON has it; what is damaged, as it stands."""
    try:
        return when(int(seconds) * 1000)
    except ValueError:
        return seconds


def erase(client: Client, account_id: str) -> int:
    """Erase an account's threads, and its id and name from what it has answered as an admin.

    Returns how many threads there were. What an interrupted run has left, another erases. Raises StorageUnavailable.
    """
    erased = 0
    while (step := client.run(_ERASE, keys.FEEDBACK_KEYS, [account_id, _BATCH], writes=True)) != [0, 0]:
        erased += step[0]
    return erased


REQUESTS = Kind("requests", _requests, lambda client, account_id, _: erase(client, account_id))
