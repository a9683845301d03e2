"""Activation requests, as HTTP asks for them. Each request is one script, so one round trip and one atomic step.

As with votes, the caller's account is looked at inside the same step as what it permits.
"""

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from service import problems
from service.accounts import sessions
from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller
from service.audit.model import Action, Actor
from service.audit.store import AUDIT_KEYS
from service.feedback import model
from service.feedback.keys import FEEDBACK_KEYS
from service.feedback.model import MOST_MESSAGES, Page, Thread
from service.http import tracing
from service.problems import InvalidField, ModuleRegistryError, StorageUnavailable
from service.registry.model import Module, ModuleState, Registry
from service.settings.token_bucket import NO_LIMIT, TokenBucket
from service.storage.client import Client
from service.storage.entries import checked_limit
from service.storage.script import Script
from service.wording import printable, shortened


def load(name: str) -> Script:
    """A script of requests, which begins with lua/caller.lua; it returns the caller's status and role, and a list."""
    shared = ("accounts/account", "audit/record", "storage/token_bucket", "feedback/threads", "feedback/caller")
    return Script.load(*shared, f"feedback/{name}", returns=(str | None, str | None, list))


_OPEN, _FOLLOW, _MESSAGE = map(load, ("open", "follow", "message"))
_READ, _CHANGE, _SHOW, _OWN = map(load, ("read", "change", "show", "own"))
_OPEN_WITH = Script.load("feedback/threads", "feedback/open_with", returns=(str | None, str | None))


class Permission(NamedTuple):
    """What an account has to be: the statuses that scripts look for, and the check of status and role."""

    statuses: str
    check: Callable[[str | None, str | None], None]


READING = Permission(sessions.AMONG_READERS, lambda status, role: sessions.check_may_read(status))
WRITING = Permission(AMONG_VOTERS, lambda status, role: sessions.check_may_vote(status, to="write"))
ADMINISTERING = Permission(AMONG_VOTERS, sessions.check_is_admin)

#: What scripts say instead of returning a thread.
_REFUSALS: dict[str, tuple[type[ModuleRegistryError], str]] = {
    "full": (problems.ThreadFull, f"This request has {MOST_MESSAGES} messages, which is as many as one can have."),
    "seen": (problems.ThreadChanged, "This request has changed since you saw it: look at it again."),
    "open": (problems.AlreadyOpen, "This account has another open request for the same module: go on with that one."),
}


def run(
    client: Client,
    script: Script,
    caller: Caller | None,
    permission: Permission,
    *args: str | int,
    writes: bool = False,
) -> list[Any]:
    """What a script of `load` has in its list, for a caller, or for a command of an operator.

    Raises what the permission's check does, and StorageUnavailable.
    """
    keys = [*FEEDBACK_KEYS, account_key(caller.id if caller else ""), *AUDIT_KEYS]
    who_acts = [*caller, permission.statuses, AMONG_VOTERS] if caller else [""] * 4
    status, role, answer = client.run(script, keys, [*who_acts, *args, tracing.current() or ""], writes=writes)
    if caller is not None:
        permission.check(status, role)
    return list(answer)


@contextmanager
def checked(
    client: Client, caller: Caller | None, permission: Permission, thread_id: str | None = None
) -> Iterator[None]:
    """What is refused inside comes after what is refused to the caller, and after a thread that is not there."""
    try:
        yield
    except ModuleRegistryError:
        answer = run(client, _SHOW, caller, permission, _possible(thread_id or ""))
        if thread_id is not None:
            _check_is_there(answer, caller)
        raise


def open_thread(
    client: Client,
    caller: Caller,
    module: object,
    message: object,
    registry: Registry,
    *,
    limit: TokenBucket = NO_LIMIT,
) -> tuple[Thread, bool]:
    """Ask for the activation of a module, by its current or a former slug; returns the thread, and whether it is new.

    An account has one open thread a module: where there is one, the message is added to it, unless it equals the last.
    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownModule, NotOnDemand, InvalidField; RateLimited,
    ThreadFull, and StorageUnavailable.
    """
    with checked(client, caller, WRITING):
        wanted = _on_demand(module, registry)
        text = model.checked_text(message)
    args: list[str | int] = [_new_id(), _new_id(), text, MOST_MESSAGES, *limit, wanted.slug, *wanted.formerly]
    answer = run(client, _OPEN, caller, WRITING, *args, writes=True)
    found = _thread(client, caller, answer, registry, limit)
    if registry.find(found.module) is None:  # a rename was taken back
        followed = run(client, _FOLLOW, caller, WRITING, found.id, wanted.slug, writes=True)
        found = _thread(client, caller, followed, registry)
    return found, answer[0] == "created"


def _on_demand(module: object, registry: Registry) -> Module:
    if not isinstance(module, str):
        raise InvalidField("module", "must be the slug of a module")
    wanted = registry.find(module)
    if wanted is None:
        raise problems.UnknownModule.of(module, registry.by_slug)
    if wanted.state is not ModuleState.ON_DEMAND:
        raise problems.NotOnDemand(f"{wanted.label.en} ({wanted.slug}) is not on demand: there is nothing to ask for.")
    return wanted


def own_threads(
    client: Client,
    caller: Caller,
    registry: Registry,
    *,
    status: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """The caller's threads, newest activity first; of those that are looked at, such as read as `status`.

    Raises NotAuthenticated, InvalidField, StorageUnavailable.
    """
    with checked(client, caller, READING):
        wanted = None if status is None else model.checked_status(status)
        begin, most = model.checked_cursor(cursor), checked_limit(limit)
    rows = run(client, _OWN, caller, READING, begin, most + 1, caller.id)
    read = page(client, rows, registry, most, caller)
    return read._replace(threads=tuple(thread for thread in read.threads if wanted in (None, thread.status)))


def threads_of(client: Client, account_id: str, registry: Registry, most: int) -> Page:
    """The threads that an account asked, as admins see them, newest activity first, at most so many.

    Whoever asks is known to be an admin. Raises StorageUnavailable.
    """
    return page(client, run(client, _OWN, None, READING, "+inf", most + 1, account_id), registry, most, None)


def open_with(client: Client, caller: Caller, module: Module, registry: Registry) -> str | None:
    """Return the id of the caller's open thread for a module, or None.

    If a rename was reverted, the registry does not have the module of the thread. Then the
    result is None, and `open_thread` moves the thread to the current module.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    thread_id: str | None
    stored_module: str | None
    args = [caller.id, module.slug, *module.formerly]
    thread_id, stored_module = client.run(_OPEN_WITH, FEEDBACK_KEYS, args)
    return thread_id if registry.find(stored_module or "") else None


def thread(client: Client, caller: Caller | None, thread_id: str, registry: Registry) -> Thread:
    """One thread: the caller's own, or any for admins. Raises NotAuthenticated, UnknownThread, StorageUnavailable."""
    return _thread(client, caller, run(client, _SHOW, caller, READING, _possible(thread_id)), registry)


def add_message(
    client: Client,
    thread_id: str,
    message: object,
    registry: Registry,
    *,
    by: Actor,
    etags: Collection[str] | None = None,
    limit: TokenBucket = NO_LIMIT,
) -> Thread:
    """Say something in a thread: one's own, or as an admin in any; with `etags` only as long as it has one of them.

    A member's message reopens an answered thread, and an admin's answers an open one. That an admin has answered is
    recorded, and not what. Only members have a limit. Raises, in this order: NotAuthenticated, AccountNotActive,
    UnknownThread, InvalidField; RateLimited, ThreadChanged, ThreadFull, and StorageUnavailable.
    """
    caller = _caller(by)
    with checked(client, caller, WRITING, thread_id):
        text = model.checked_text(message)
    said: list[str | int] = [_new_id(), text, MOST_MESSAGES, *limit, by.signature(), Action.REQUEST_ANSWERED]
    seen = [] if etags is None else model.seen(etags, registry)
    answer = run(client, _MESSAGE, caller, WRITING, _possible(thread_id), *said, *seen, writes=True)
    return _thread(client, caller, answer, registry, limit)


def mark_read(client: Client, caller: Caller, thread_id: str) -> None:
    """Mark a thread as read: one's own for oneself, any for the admins.

    Raises NotAuthenticated, AccountNotActive, UnknownThread, StorageUnavailable.
    """
    _check_is_there(run(client, _READ, caller, WRITING, _possible(thread_id), writes=True), caller)


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
            raise problems.ConditionMissing("If-Match must have the ETag of the thread as it was seen.")
    args = [_possible(thread_id), becomes, _new_id(), by.signature(), Action.REQUEST_CHANGED]
    answer = run(client, _CHANGE, caller, ADMINISTERING, *args, *model.seen(etags, registry), writes=True)
    return _thread(client, caller, answer, registry)


def page(client: Client, rows: list[Any], registry: Registry, most: int, member: Caller | None) -> Page:
    """A page of a list, for which one thread more was asked for; as its member sees it, or else as admins do.

    What cannot be read is left out, counted, and in the log.
    """
    threads: list[Thread] = []
    for row, _ in rows[:most]:
        with suppress(StorageUnavailable):
            threads.append(_parsed(client, row, registry, member))
    following = str(rows[most - 1][1]) if len(rows) > most else None
    return Page(tuple(threads), following, len(rows[:most]) - len(threads))


def _thread(
    client: Client, caller: Caller | None, answer: list[Any], registry: Registry, limit: TokenBucket = NO_LIMIT
) -> Thread:
    """The thread that a script returns, after a word or without one, unless the word is that it refuses."""
    _check_is_there(answer, caller)
    word, last = answer[0], answer[-1]
    if word == "wait":
        raise limit.refusal("messages", last)
    if isinstance(word, str) and word in _REFUSALS:
        refusal, message = _REFUSALS[word]
        raise refusal(message)
    return _parsed(client, last, registry, caller)


def _parsed(client: Client, row: Any, registry: Registry, member: Caller | None) -> Thread:
    """A thread as a script shows it. Raises StorageUnavailable for what is damaged, which is in the log."""
    try:
        is_own = member is not None and row[0][1] == member.id
        return model.parsed(row, registry, for_member=is_own)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, OSError) as error:
        raise client.damaged(f"a thread of activation requests: {printable(shortened(str(error)))}") from None


def _check_is_there(answer: list[Any], caller: Caller | None) -> None:
    """Raise UnknownThread where the answer of a script about one thread is empty."""
    if not answer:
        others = ", or it is somebody else's" if caller else ""  # to a command nothing is
        raise problems.UnknownThread(f"No request has this id{others}.")


def _possible(thread_id: str) -> str:
    """An id that a thread can have; of any other text none, which no thread has."""
    return thread_id if model.is_id(thread_id) else ""


def _caller(by: Actor) -> Caller | None:
    """Whose session acts; None where it is a command."""
    return None if by.account_id is None else Caller(by.account_id, by.generation)


def _new_id() -> str:
    """A random id: not to be guessed, and short enough to be told."""
    return secrets.token_hex(8)
