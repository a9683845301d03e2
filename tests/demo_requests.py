"""The demo's activation requests: what members ask, what the admins answer, and how each ends."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from support import acting

from service.accounts.sessions import Caller
from service.feedback import store
from service.feedback.keys import messages_key, thread_key
from service.feedback.model import Status, Thread
from service.registry.model import ModuleState, Registry
from service.storage.client import Client

#: What stands in a stored thread and in each of its messages for a time: see service/feedback/lua/threads.lua.
_TIMES, _ITEMS_OF_A_MESSAGE, _AT = ("created", "updated"), 6, 4

_QUESTIONS = (
    "Bonjour, nous préparons notre campagne de rentrée : pouvez-vous activer ce module pour notre équipe ?",
    "We have about 3,000 contacts to reach before the end of the month. What do you need from us to switch this on?",
    "Est-il possible de l’essayer une semaine avant de nous engager ?",
    "Our legal team has signed off on consent. Please activate it for the sales team in Lyon.",
    "Nous en avons besoin pour un client du secteur public.\n\n- volume : 800 envois par mois\n- début : le 15",
    "Could you turn this on for my account? I only need it for one export.",
)
_ANSWERS = (
    "Bonjour, avec plaisir. Combien d’envois par mois prévoyez-vous, et depuis quel domaine ?",
    "Happy to. Which sending domain will you use? We check its records before we switch it on.",
)
_REPLIES = ("Environ 2 000 par mois, depuis notre domaine principal.", "About 500 a month, from our main domain.")
_ENDINGS = {
    Status.ACTIVATED: "C’est fait : le module est actif pour votre compte. / Done: it is active for your account.",
    Status.DECLINED: "Pas pour le moment, faute de consentement établi. / Not for now: consent is not documented yet.",
}


class _Wish(NamedTuple):
    """A thread to be: whose, for which module, how far it gets, and how long ago it was last touched."""

    account: str
    module: str
    stage: str
    age: timedelta


def fill(
    client: Client, registry: Registry, member: str, admin: str, others: Sequence[str], dice: random.Random
) -> int:
    """Make requests of the member, one for every on-demand module but the last, and of others; returns how many."""
    wishes = sorted(_wishes(registry, member, others, dice), key=lambda wish: wish.age, reverse=True)
    for wish in wishes:
        thread = _talk(client, registry, wish, Caller(admin), dice)
        _backdate(client, thread, wish.age)
    return len(wishes)


def _wishes(registry: Registry, member: str, others: Sequence[str], dice: random.Random) -> Iterator[_Wish]:
    modules = registry.buckets[ModuleState.ON_DEMAND.bucket]
    stages = ("answered", "asked", "activated", "replied", "declined")
    for number, module in enumerate(modules[:-1]):
        yield _Wish(member, module, stages[number % 5], timedelta(hours=5 + 40 * number))
    for number, account in enumerate(others):
        age = timedelta(minutes=dice.randrange(20, 50 * 24 * 60))
        yield _Wish(account, modules[number % len(modules)], stages[(number + number // 5) % 5], age)


def _talk(client: Client, registry: Registry, wish: _Wish, admin: Caller, dice: random.Random) -> Thread:
    """Have a conversation get as far as the wish says: asked, answered, replied, or to one of its ends."""
    caller = Caller(wish.account)
    thread, _ = store.open_thread(client, caller, wish.module, dice.choice(_QUESTIONS), registry)
    if wish.stage == "asked":
        return thread
    turn = dice.randrange(len(_ANSWERS))
    thread = store.add_message(client, thread.id, _ANSWERS[turn], registry, by=acting(admin))
    if wish.stage == "answered":
        return thread
    thread = store.add_message(client, thread.id, _REPLIES[turn], registry, by=acting(caller))
    if wish.stage == "replied":
        return thread
    status = Status(wish.stage)
    thread = store.add_message(client, thread.id, _ENDINGS[status], registry, by=acting(admin))
    thread = store.change_status(client, thread.id, status, [thread.etag], registry, by=acting(admin))
    store.mark_read(client, caller, thread.id)
    return thread


def _backdate(client: Client, thread: Thread, age: timedelta) -> None:
    """Have a thread that was made just now have been made then, half a day between its messages."""
    last = round(thread.updated.timestamp() - age.total_seconds())
    said = [last - 12 * 3600 * (thread.message_count - 1 - number) for number in range(thread.message_count)]
    for number, at in enumerate(said):
        client.command("LSET", messages_key(thread.id), number * _ITEMS_OF_A_MESSAGE + _AT, at)
    times = {"created": said[0], "updated": last}
    client.command("HSET", thread_key(thread.id), *[part for name in _TIMES for part in (name, times[name])])
