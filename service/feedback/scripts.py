"""Running the scripts of activation requests for whoever asks, and what they return as threads.

As with votes, the caller's account is looked at inside the same step as what it permits; on a Redis Cluster, where it
is in a slot of its own, it is read first, and looked at again after something was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from service import tracing
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
from service.feedback import model
from service.feedback.erasing import erase
from service.feedback.keys import FEEDBACK_KEYS
from service.feedback.model import MOST_MESSAGES, Page, Thread
from service.problems import (
    AlreadyOpen,
    ModuleRegistryError,
    StorageUnavailable,
    ThreadChanged,
    ThreadFull,
    UnknownThread,
)
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened


def load(name: str) -> Script:
    """A script of requests, which begins with lua/caller.lua; it returns the caller's status and role, and a list."""
    shared = ("accounts/account", "audit/record", "storage/token_bucket", "feedback/threads", "feedback/caller")
    return Script.load(*shared, f"feedback/{name}", returns=(str | None, str | None, list))


SHOW = load("show")


class Permission(NamedTuple):
    """What an account has to be: the statuses that scripts look for, and the check of status and role."""

    statuses: str
    check: Callable[[str | None, str | None], None]


READING = Permission(AMONG_READERS, lambda status, role: check_may_read(status))
WRITING = Permission(AMONG_VOTERS, lambda status, role: check_may_vote(status, to="write"))
ADMINISTERING = Permission(AMONG_VOTERS, check_is_admin)


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
    args = (*args, tracing.current() or "")
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
            run(client, SHOW, caller, permission, "")
        else:
            existing(client, caller, permission, thread_id)
        raise


def existing(client: Client, caller: Caller | None, permission: Permission, thread_id: str) -> list[Any]:
    """What a script shows of a thread. Raises UnknownThread, and what `run` does."""
    return found_in(run(client, SHOW, caller, permission, possible(thread_id)), caller)


def possible(thread_id: str) -> str:
    """An id that a thread can have; of any other text none, which no thread has."""
    return thread_id if model.is_id(thread_id) else ""


def found_in(answer: list[Any], caller: Caller | None) -> list[Any]:
    """The answer of a script about one thread. Raises UnknownThread where it is empty."""
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


def whole(client: Client, caller: Caller | None, answer: list[Any], registry: Registry) -> Thread:
    """The thread that a script returns, after a word or without one."""
    said = found_in(answer, caller)
    if isinstance(said[0], str) and said[0] in _REFUSALS:
        refusal, message = _REFUSALS[said[0]]
        raise refusal(message)
    return parsed(client, said[-1], registry, caller)


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
