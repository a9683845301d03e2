"""Activation requests, as HTTP asks for them. Each request is one script, so one round trip and one atomic step."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from service.accounts.sessions import Caller
from service.audit.model import Action, Actor
from service.feedback import model, scripts
from service.feedback.keys import open_key
from service.feedback.model import MOST_MESSAGES, Page, Thread
from service.feedback.scripts import ADMINISTERING, READING, WRITING
from service.problems import ConditionMissing, InvalidField, NotOnDemand, UnknownModule
from service.registry.model import Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.listing import checked_limit
from service.storage.token_bucket import NO_LIMIT, TokenBucket

_OPEN, _MESSAGE, _READ, _CHANGE = map(scripts.load, ("open", "message", "read", "change"))


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
    with scripts.checked(client, caller, WRITING):
        wanted = _on_demand(module, registry)
        text = model.checked_text(message)
    args: list[str | int] = [new_id(), new_id(), text, MOST_MESSAGES, *limit, wanted.slug, *wanted.formerly]
    answer = scripts.run(client, _OPEN, caller, WRITING, *args, writes=True)
    _check_wait(answer, limit)
    return scripts.whole(client, caller, answer, registry), answer[0] == "created"


def _on_demand(module: object, registry: Registry) -> Module:
    if not isinstance(module, str):
        raise InvalidField("module", "must be the slug of a module")
    wanted = registry.find(module)
    if wanted is None:
        raise UnknownModule.of(module)
    if wanted.state is not ModuleState.ON_DEMAND:
        raise NotOnDemand(f"{wanted.label.en} ({wanted.slug}) is not on demand: there is nothing to ask for.")
    return wanted


def own_threads(
    client: Client, caller: Caller, registry: Registry, *, cursor: str | None = None, limit: str | None = None
) -> Page:
    """The caller's threads, newest activity first. Raises NotAuthenticated, InvalidField, StorageUnavailable."""
    with scripts.checked(client, caller, READING):
        begin, most = model.checked_cursor(cursor), checked_limit(limit)
    rows = scripts.run(client, scripts.OWN, caller, READING, begin, most + 1, caller.id)
    return scripts.page(client, rows, registry, most, caller)


def open_with(client: Client, caller: Caller, module: Module) -> str | None:
    """The id of the caller's open thread of a module, if there is one. Raises StorageUnavailable."""
    ids: list[str | None] = client.command("HMGET", open_key(caller.id), module.slug, *module.formerly)
    return next((thread_id for thread_id in ids if thread_id), None)


def thread(client: Client, caller: Caller | None, thread_id: str, registry: Registry) -> Thread:
    """One thread: the caller's own, or any for admins. Raises NotAuthenticated, UnknownThread, StorageUnavailable."""
    answer = scripts.run(client, scripts.SHOW, caller, READING, scripts.possible(thread_id))
    return scripts.whole(client, caller, answer, registry)


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
    with scripts.checked(client, caller, WRITING, thread_id):
        text = model.checked_text(message)
    said: list[str | int] = [new_id(), text, MOST_MESSAGES, *limit, by.signature(), Action.REQUEST_ANSWERED]
    seen = [] if etags is None else _as_seen(etags, registry)
    args = [scripts.possible(thread_id), *said, *seen]
    answer = scripts.run(client, _MESSAGE, caller, WRITING, *args, writes=True, records=True)
    _check_wait(answer, limit)
    return scripts.whole(client, caller, answer, registry)


def mark_read(client: Client, caller: Caller, thread_id: str) -> None:
    """Mark a thread as read: one's own for oneself, any for the admins.

    Raises NotAuthenticated, AccountNotActive, UnknownThread, StorageUnavailable.
    """
    answer = scripts.run(client, _READ, caller, WRITING, scripts.possible(thread_id), writes=True)
    scripts.check_is_there(answer, caller)


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
    with scripts.checked(client, caller, ADMINISTERING, thread_id):
        becomes = model.checked_status(status)
        if not etags:
            raise ConditionMissing("If-Match must have the ETag of the thread as it was seen.")
    said = [by.signature(), Action.REQUEST_CHANGED]
    args = [scripts.possible(thread_id), becomes, new_id(), *said, *_as_seen(etags, registry)]
    answer = scripts.run(client, _CHANGE, caller, ADMINISTERING, *args, writes=True, records=True)
    return scripts.whole(client, caller, answer, registry)


def _check_wait(answer: list[Any], limit: TokenBucket) -> None:
    """Raise RateLimited where a script says that its caller has to wait."""
    if answer[:1] == ["wait"]:
        raise limit.refusal("messages", answer[1])


def _caller(by: Actor) -> Caller | None:
    """Whose session acts; None where it is a command."""
    return None if by.account_id is None else Caller(by.account_id, by.generation)


def _as_seen(etags: Collection[str], registry: Registry) -> list[str]:
    """What ETags say that somebody has seen, as the last arguments of scripts."""
    seen = model.seen(etags, registry)
    return [f",{','.join(seen.versions)},", *seen.names]


def new_id() -> str:
    """A random id: not to be guessed, and short enough to be told."""
    return secrets.token_hex(8)
