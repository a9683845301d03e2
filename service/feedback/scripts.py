"""Running the scripts of activation requests for whoever asks, and what they return as threads.

As with votes, the caller's account is looked at inside the same step as what it permits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from service import problems, tracing
from service.accounts import sessions
from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller
from service.audit.store import AUDIT_KEYS
from service.feedback import model
from service.feedback.keys import FEEDBACK_KEYS
from service.feedback.model import MOST_MESSAGES, Page, Thread
from service.problems import ModuleRegistryError, StorageUnavailable
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened


def load(name: str) -> Script:
    """A script of requests, which begins with lua/caller.lua; it returns the caller's status and role, and a list."""
    shared = ("accounts/account", "audit/record", "storage/token_bucket", "feedback/threads", "feedback/caller")
    return Script.load(*shared, f"feedback/{name}", returns=(str | None, str | None, list))


SHOW, OWN = load("show"), load("own")


class Permission(NamedTuple):
    """What an account has to be: the statuses that scripts look for, and the check of status and role."""

    statuses: str
    check: Callable[[str | None, str | None], None]


READING = Permission(sessions.AMONG_READERS, lambda status, role: sessions.check_may_read(status))
WRITING = Permission(AMONG_VOTERS, lambda status, role: sessions.check_may_vote(status, to="write"))
ADMINISTERING = Permission(AMONG_VOTERS, sessions.check_is_admin)


def run(
    client: Client,
    script: Script,
    caller: Caller | None,
    permission: Permission,
    *args: str | int,
    writes: bool = False,
    records: bool = False,
) -> list[Any]:
    """What a script that begins with lua/caller.lua has in its list, for a caller, or for a command of an operator.

    `records`: what an admin does by it is recorded. Raises what the permission's check does, and StorageUnavailable.
    """
    keys = [*FEEDBACK_KEYS, account_key(caller.id if caller else ""), *(AUDIT_KEYS if records else [])]
    who_acts = [*caller, permission.statuses, AMONG_VOTERS] if caller else [""] * 4
    status, role, answer = client.run(script, keys, [*who_acts, *args, tracing.current() or ""], writes=writes)
    if caller is not None:
        permission.check(sessions.known(client, caller, status), role)
    rows: list[Any] = answer
    return rows


@contextmanager
def checked(
    client: Client, caller: Caller | None, permission: Permission, thread_id: str | None = None
) -> Iterator[None]:
    """What is refused inside comes after what is refused to the caller, and after a thread that is not there."""
    try:
        yield
    except ModuleRegistryError:
        answer = run(client, SHOW, caller, permission, possible(thread_id or ""))
        if thread_id is not None:
            check_is_there(answer, caller)
        raise


def possible(thread_id: str) -> str:
    """An id that a thread can have; of any other text none, which no thread has."""
    return thread_id if model.is_id(thread_id) else ""


def check_is_there(answer: list[Any], caller: Caller | None) -> None:
    """Raise UnknownThread where the answer of a script about one thread is empty."""
    if not answer:
        others = ", or it is somebody else's" if caller else ""  # to a command nothing is
        raise problems.UnknownThread(f"No request has this id{others}.")


#: What scripts say instead of returning a thread.
_REFUSALS: dict[str, tuple[type[ModuleRegistryError], str]] = {
    "full": (problems.ThreadFull, f"This request has {MOST_MESSAGES} messages, which is as many as one can have."),
    "seen": (problems.ThreadChanged, "This request has changed since you saw it: look at it again."),
    "open": (problems.AlreadyOpen, "This account has another open request for the same module: go on with that one."),
}


def whole(client: Client, caller: Caller | None, answer: list[Any], registry: Registry) -> Thread:
    """The thread that a script returns, after a word or without one."""
    check_is_there(answer, caller)
    if isinstance(answer[0], str) and answer[0] in _REFUSALS:
        refusal, message = _REFUSALS[answer[0]]
        raise refusal(message)
    return parsed(client, answer[-1], registry, caller)


def page(client: Client, rows: list[Any], registry: Registry, most: int, member: Caller | None) -> Page:
    """A page of a list, for which one thread more was asked for; as its member sees it, or else as admins do.

    What cannot be read is left out, counted, and in the log.
    """
    threads: list[Thread] = []
    for row, _ in rows[:most]:
        with suppress(StorageUnavailable):
            threads.append(parsed(client, row, registry, member))
    following = str(rows[most - 1][1]) if len(rows) > most else None
    return Page(tuple(threads), following, len(rows[:most]) - len(threads))


def parsed(client: Client, row: Any, registry: Registry, member: Caller | None) -> Thread:
    """A thread as a script shows it. Raises StorageUnavailable for what is damaged, which is in the log."""
    try:
        is_own = member is not None and row[0][1] == member.id
        return model.parsed(row, registry, for_member=is_own)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, OSError) as error:
        raise client.damaged(f"a thread of activation requests: {printable(shortened(str(error)))}") from None
