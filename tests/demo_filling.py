"""What the demo has beside votes: requests and their answers, changes of modules, and what admins did."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from demo_registry import TABLE
from support import acting

from service import privacy
from service.accounts import sign_in, store
from service.accounts.sessions import Caller
from service.accounts.store import Account, Role
from service.accounts.store import Status as AccountStatus
from service.audit.model import Actor
from service.feedback import store as feedback
from service.feedback.keys import messages_key, thread_key
from service.feedback.model import Thread
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY, RELEASED_KEY, of_key
from service.history.uses import add
from service.interest.keys import interest_key
from service.metrics.uses import CLIENTS
from service.registry.model import ModuleState, Registry
from service.storage.client import Client

#: How many items a stored message has, and which is its time: see service/feedback/lua/threads.lua.
_ITEMS_OF_A_MESSAGE, _AT = 6, 4


class _Wish(NamedTuple):
    """A thread to be: whose, for which module, how far it gets, and how long ago it was last touched."""

    account: str
    module: str
    stage: str
    age: timedelta


def fill_requests(
    client: Client, registry: Registry, member: str, admin: str, others: Sequence[str], dice: random.Random
) -> int:
    """Make requests of the member, one for every on-demand module but the last, and of others; returns how many."""
    modules = registry.buckets[ModuleState.ON_DEMAND.bucket]
    stages = ("answered", "asked", "activated", "replied", "declined")
    wishes = [
        _Wish(member, module, stages[number % 5], timedelta(hours=5 + 40 * number))
        for number, module in enumerate(modules[:-1])
    ]
    for number, account in enumerate(others):
        age = timedelta(minutes=dice.randrange(20, 50 * 24 * 60))
        wishes.append(_Wish(account, modules[number % len(modules)], stages[(number + number // 5) % 5], age))
    for wish in sorted(wishes, key=lambda wish: wish.age, reverse=True):
        _backdate(client, _talk(client, registry, wish, Caller(admin), dice), wish.age)
    return len(wishes)


def _talk(client: Client, registry: Registry, wish: _Wish, admin: Caller, dice: random.Random) -> Thread:
    """Have a conversation get as far as the wish says: asked, answered, replied, or to one of its ends."""
    caller, ending = Caller(wish.account), TABLE["endings"].get(wish.stage)
    thread, _ = feedback.open_thread(client, caller, wish.module, dice.choice(TABLE["questions"]), registry)
    turn = dice.randrange(len(TABLE["answers"]))
    said = [(admin, TABLE["answers"][turn]), (caller, TABLE["replies"][turn]), (admin, ending)]
    for who, text in said[: {"asked": 0, "answered": 1, "replied": 2}.get(wish.stage)]:
        thread = feedback.add_message(client, thread.id, text, registry, by=acting(who))
    if ending:
        thread = feedback.change_status(client, thread.id, wish.stage, [thread.etag], registry, by=acting(admin))
        feedback.mark_read(client, caller, thread.id)
    return thread


def _backdate(client: Client, thread: Thread, age: timedelta) -> None:
    """Have a thread that was made just now have been made then, half a day between its messages."""
    last = round(thread.updated.timestamp() - age.total_seconds())
    said = [last - 12 * 3600 * (thread.message_count - 1 - number) for number in range(thread.message_count)]
    for number, at in enumerate(said):
        client.command("LSET", messages_key(thread.id), number * _ITEMS_OF_A_MESSAGE + _AT, at)
    client.command("HSET", thread_key(thread.id), "created", said[0], "updated", last)


def fill_changes(client: Client, changes: Iterable[tuple[date, Change]], dice: random.Random) -> None:
    """Record a past, oldest first; of what was released with the votes that it has, which came before."""
    last = 0
    for day, change in changes:
        noon = round(datetime.combine(day, time(12), UTC).timestamp() * 1000)
        at = last = max(last + 1, noon + dice.randrange(-(2 * 3_600_000), 4 * 3_600_000))
        is_release = change.kind is Kind.RELEASED
        votes = int(client.command("SCARD", interest_key(change.slug))) if is_release else None
        said = encoded(change, f"{dice.getrandbits(256):064x}", votes)
        event_id = client.command("XADD", EVENTS_KEY, f"{at}-0", "event", said)
        client.command("LPUSH", of_key(change.slug), event_id)
        if is_release:
            client.command("HSET", RELEASED_KEY, change.slug, at)


def fill_uses(
    client: Client, registry: Registry, changes: Iterable[tuple[date, Change]], today: date, dice: random.Random
) -> None:
    """Requests by names that clients should give up, from the day on which each became one: fewer and fewer."""
    begins: dict[str, date] = {}
    for day, change in changes:
        name = str(change.before) if change.kind in (Kind.RENAMED, Kind.MERGED) else change.slug
        if name in registry.ending_names and change.kind is not Kind.UNDEPRECATED:
            begins.setdefault(name, day)
    kinds = [dice.sample([*CLIENTS], 3) for _ in begins]
    for day in (today - timedelta(ago) for ago in range(300, -1, -1)):
        counted: list[tuple[str, str, int]] = []
        for number, (name, begin) in enumerate(begins.items()):
            if number % 3 and day >= begin:  # by some nobody asks
                most = 80 // (1 + (day - begin).days // 7)
                counted += [(name, kind, dice.randrange(most + 1)) for kind in kinds[number]]
        add(client, [name for name, begin in begins.items() if begin <= day], counted, day)


def fill_audit(client: Client, admin: str, pending: str, member: str) -> None:
    """Have an admin act by page, and somebody by command."""
    by, command = Actor.account(admin), Actor.command_line("deploy")
    store.add(client, Account("gone", AccountStatus.ACTIVE), by=command)
    store.set_details(client, "gone", by=by, role=Role.ADMIN, name="Somebody")
    privacy.erase(client, "gone", by=by)
    sign_in.make_token(client, pending, by=by)
    store.set_details(client, member, by=by, locale="fr")
    for status in (AccountStatus.SUSPENDED, AccountStatus.ACTIVE):
        store.set_status(client, member, status, by=by)
    privacy.data(client, member, by=by)
