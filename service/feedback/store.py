"""Activation requests, as HTTP asks for them. Each request is one script, so one round trip and one atomic step.

As with votes, the caller's account is looked at inside the same step as what it permits; on a Redis Cluster, where it
is in a slot of its own, it is read first, and looked at again after something was said.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from service.accounts import acting
from service.accounts.sessions import (
    AMONG_READERS,
    AMONG_VOTERS,
    VOTERS,
    Caller,
    check_is_admin,
    check_may_read,
    check_may_vote,
    known,
    profile_of,
    status_of,
)
from service.accounts.store import Role, account_key
from service.audit.keys import AUDIT_KEYS
from service.audit.model import Action, Actor
from service.feedback import model
from service.feedback.erasing import erase
from service.feedback.keys import FEEDBACK_KEYS, open_key
from service.feedback.model import MOST_MESSAGES, Page, Thread
from service.listing import checked_limit
from service.problems import (
    AlreadyOpen,
    ConditionMissing,
    InvalidField,
    ModuleRegistryError,
    NotOnDemand,
    ThreadChanged,
    ThreadFull,
    UnknownModule,
    UnknownThread,
)
from service.registry.model import Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened


def load(name: str) -> Script:
    shared = ("accounts/account", "audit/record", "feedback/threads", "feedback/caller")
    return Script.load(*shared, f"feedback/{name}", returns=(str | None, str | None, list))


_OPEN, _MESSAGE, _SHOW, _OWN, _READ, _CHANGE = map(load, ("open", "message", "show", "own", "read", "change"))
_NEWS = Script.load("feedback/threads", "feedback/unread", "feedback/news", returns=int)


class Permission(NamedTuple):
    """What an account has to be: the statuses that scripts look for, and the check of status and role."""

    statuses: str
    check: Callable[[str | None, str | None], None]


READING = Permission(AMONG_READERS, lambda status, role: check_may_read(status))
WRITING = Permission(AMONG_VOTERS, lambda status, role: check_may_vote(status, to="write"))
ADMINISTERING = Permission(AMONG_VOTERS, check_is_admin)


def open_thread(
    client: Client, caller: Caller, module: object, message: object, registry: Registry
) -> tuple[Thread, bool]:
    """Ask for the activation of a module, by its current or a former slug; returns the thread, and whether it is new.

    An account has one open thread a module: where there is one, the message is added to it, unless it equals the last.
    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownModule, NotOnDemand, InvalidField; ThreadFull,
    and StorageUnavailable.
    """
    with checked(client, caller, WRITING):
        wanted = _on_demand(module, registry)
        text = model.checked_text(message)
    names = (wanted.slug, *wanted.formerly)
    found = run(client, _OPEN, caller, WRITING, new_id(), new_id(), text, MOST_MESSAGES, *names, writes=True, says=True)
    return _whole(client, caller, found, registry), found[0] == "created"


def _on_demand(module: object, registry: Registry) -> Module:
    if not isinstance(module, str):
        raise InvalidField("module", "must be the slug of a module")
    found = registry.find(module)
    if found is None:
        raise UnknownModule(f"No module has the slug {printable(shortened(module))!r}.")
    if found.state is not ModuleState.ON_DEMAND:
        raise NotOnDemand(f"{found.label.en} ({found.slug}) is not on demand: there is nothing to ask for.")
    return found


def own_threads(
    client: Client, caller: Caller, registry: Registry, *, cursor: str | None = None, limit: str | None = None
) -> Page:
    """The caller's threads, newest activity first. Raises NotAuthenticated, InvalidField, StorageUnavailable."""
    with checked(client, caller, READING):
        begin, most = model.checked_cursor(cursor), checked_limit(limit)
    rows = run(client, _OWN, caller, READING, begin, most + 1)
    return page(client, rows, registry, most, caller)


def open_with(client: Client, caller: Caller, module: Module) -> str | None:
    """The id of the caller's open thread of a module, if there is one. Raises StorageUnavailable."""
    found: list[str | None] = client.command("HMGET", open_key(caller.id), module.slug, *module.formerly)
    return next((thread_id for thread_id in found if thread_id), None)


def unread_of(client: Client, account_id: str) -> int:
    """How many threads of an account are unread for it. Raises StorageUnavailable."""
    unread: int = client.run(_NEWS, FEEDBACK_KEYS, [account_id])
    return unread


def thread(client: Client, caller: Caller | None, thread_id: str, registry: Registry) -> Thread:
    """One thread: the caller's own, or any for admins. Raises NotAuthenticated, UnknownThread, StorageUnavailable."""
    return _whole(client, caller, _existing(client, caller, READING, thread_id), registry)


def add_message(
    client: Client,
    thread_id: str,
    message: object,
    registry: Registry,
    *,
    by: Actor,
    etags: Collection[str] | None = None,
) -> Thread:
    """Say something in a thread: one's own, or as an admin in any; with `etags` only as long as it has one of them.

    A member's message reopens an answered thread, and an admin's answers an open one. That an admin has answered is
    recorded, and not what. Raises, in this order: NotAuthenticated, AccountNotActive, UnknownThread, InvalidField;
    ThreadChanged, ThreadFull, and StorageUnavailable.
    """
    caller = _caller(by)
    with checked(client, caller, WRITING, thread_id):
        text = model.checked_text(message)
    args: list[str | int] = [_known(thread_id), new_id(), text, MOST_MESSAGES, by.signature(), Action.REQUEST_ANSWERED]
    if etags is not None:
        args += _as_seen(etags, registry)

    def say() -> Thread:
        found = run(client, _MESSAGE, caller, WRITING, *args, writes=True, says=True, records=True)
        return _whole(client, caller, found, registry)

    if not client.is_cluster:
        return say()
    row = _existing(client, caller, WRITING, thread_id)[0]
    account_id, stored = _stored(client, row)
    if account_id == by.account_id:
        return say()
    becomes = model.Status.ANSWERED if stored == model.Status.OPEN else stored
    told = {"about": thread_id, "before": stored, "after": becomes}
    with acting.intended(client, by, Action.REQUEST_ANSWERED, whom=account_id, **told):
        return say()


def mark_read(client: Client, caller: Caller, thread_id: str) -> None:
    """Mark a thread as read: one's own for oneself, any for the admins.

    Raises NotAuthenticated, AccountNotActive, UnknownThread, StorageUnavailable.
    """
    _found(run(client, _READ, caller, WRITING, _known(thread_id), writes=True), caller)


def change_status(
    client: Client,
    thread_id: str,
    status: object,
    etags: Collection[str] | None,
    registry: Registry,
    *,
    by: Actor,
) -> Thread:
    """Change a thread's status, as an admin who says by its ETag what he has seen.

    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin, UnknownThread, InvalidField, ConditionMissing
    without `etags`, ThreadChanged where none of them is that of the thread; AlreadyOpen, and StorageUnavailable.
    """
    caller = _caller(by)
    with checked(client, caller, ADMINISTERING, thread_id):
        becomes = model.checked_status(status)
        if not etags:
            raise ConditionMissing("If-Match must have the ETag of the thread as it was seen.")
    said = [by.signature(), Action.REQUEST_CHANGED]
    args = [_known(thread_id), becomes, new_id(), *said, *_as_seen(etags, registry)]

    def change() -> Thread:
        found = run(client, _CHANGE, caller, ADMINISTERING, *args, writes=True, records=True)
        return _whole(client, caller, found, registry)

    if not client.is_cluster:
        return change()
    account_id, stored = _stored(client, _existing(client, caller, ADMINISTERING, thread_id)[0])
    if stored == becomes:
        return change()
    told = {"about": thread_id, "before": stored, "after": becomes}
    with acting.intended(client, by, Action.REQUEST_CHANGED, whom=account_id, **told):
        return change()


def _caller(by: Actor) -> Caller | None:
    """Whose session acts; None where it is a command."""
    return None if by.account_id is None else Caller(by.account_id, by.generation)


def _stored(client: Client, row: Any) -> tuple[str, str]:
    """Whose a thread is, and its status as it is stored, of what a script shows."""
    try:
        fields = row[0]
        return str(fields[1]), str(fields[4])
    except (TypeError, LookupError) as error:
        raise client.damaged(f"a thread of activation requests: {error}") from None


def _as_seen(etags: Collection[str], registry: Registry) -> list[str]:
    """What ETags say that somebody has seen, as the last arguments of scripts."""
    seen = model.seen(etags, registry)
    return [f",{','.join(seen.versions)},", *seen.names]


def run(
    client: Client,
    script: Script,
    caller: Caller | None,
    permission: Permission,
    *args: str | int,
    writes: bool = False,
    says: bool = False,
    records: bool = False,
) -> list[Any]:
    """What a script that begins with lua/caller.lua has in its list, for a caller, or for a command of an operator.

    `says`: it leaves something of the caller's that must not outlive the account. `records`: what an admin does by it
    is recorded. Raises what the permission's check does, and StorageUnavailable.
    """
    own_key = [account_key(caller.id if caller else "")]
    keys = [*FEEDBACK_KEYS, *(own_key if caller or records else []), *(AUDIT_KEYS if records else [])]
    if caller is None:
        keys = FEEDBACK_KEYS if client.is_cluster else keys
        found: list[Any] = client.run(script, keys, [*_OPERATOR, *args], writes=writes)[2]
        return found
    if client.is_cluster:
        who = profile_of(client, caller)
        permission.check(who.status, who.role)
        role = who.role if who.status in VOTERS else Role.MEMBER
        who_acts = [*caller, permission.statuses, AMONG_VOTERS, role, who.name]
        found = client.run(script, FEEDBACK_KEYS, [*who_acts, *args], writes=writes)[2]
        if says and status_of(client, caller) is None:
            erase(client, caller.id)  # it was removed in between, and what it had said erased: this must not stay
            permission.check(None, None)
        return found
    who_acts = [*caller, permission.statuses, AMONG_VOTERS, "", ""]
    status, role, found = client.run(script, keys, [*who_acts, *args], writes=writes)
    permission.check(known(client, caller, status), role)
    return found


#: Who acts where it is a command: nobody with a session, and an admin.
_OPERATOR = ["", "", "", "", Role.ADMIN, ""]


@contextmanager
def checked(
    client: Client, caller: Caller | None, permission: Permission, thread_id: str | None = None
) -> Iterator[None]:
    """What is refused inside comes after what is refused to the caller, and after a thread that is not there."""
    try:
        yield
    except ModuleRegistryError:
        if thread_id is None:
            run(client, _SHOW, caller, permission, "")
        else:
            _existing(client, caller, permission, thread_id)
        raise


def _existing(client: Client, caller: Caller | None, permission: Permission, thread_id: str) -> list[Any]:
    return _found(run(client, _SHOW, caller, permission, _known(thread_id)), caller)


def _known(thread_id: str) -> str:
    """An id that a thread can have; of any other text none, which no thread has."""
    return thread_id if model.is_id(thread_id) else ""


def _found(answer: list[Any], caller: Caller | None) -> list[Any]:
    if not answer:
        others = ", or it is somebody else's" if caller else ""  # to a command nothing is
        raise UnknownThread(f"No request has this id{others}.")
    return answer


#: What scripts say instead of returning a thread.
_REFUSALS: dict[str, tuple[type[ModuleRegistryError], str]] = {
    "full": (ThreadFull, f"This request has {MOST_MESSAGES} messages, which is as many as one can have."),
    "seen": (ThreadChanged, "This request has changed since you saw it: look at it again."),
    "open": (AlreadyOpen, "This account has another open request for the same module: go on with that one."),
}


def _whole(client: Client, caller: Caller | None, answer: list[Any], registry: Registry) -> Thread:
    """The thread that a script returns, after a word or without one."""
    said = _found(answer, caller)
    if isinstance(said[0], str) and said[0] in _REFUSALS:
        refusal, message = _REFUSALS[said[0]]
        raise refusal(message)
    return parsed(client, said[-1], registry, caller)


def page(client: Client, rows: list[Any], registry: Registry, most: int, member: Caller | None) -> Page:
    """A page of a list, for which one thread more was asked for; as its member sees it, or else as admins do."""
    threads = tuple(parsed(client, row, registry, member) for row in rows[:most])
    return Page(threads, str(threads[-1].position) if len(rows) > most else None)


def parsed(client: Client, row: Any, registry: Registry, member: Caller | None) -> Thread:
    """A thread as a script shows it. Raises StorageUnavailable for what is damaged."""
    try:
        is_own = member is not None and row[0][1] == member.id
        return model.parsed(row, registry, for_member=is_own)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, OSError) as error:
        raise client.damaged(f"a thread of activation requests: {printable(shortened(str(error)))}") from None


def new_id() -> str:
    """A random id: not to be guessed, and short enough to be told."""
    return secrets.token_hex(8)
