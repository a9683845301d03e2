"""How an admin acts on accounts: what is checked of who acts, and that what was done is recorded.

A script does all of it in one step. What takes several is recorded before and after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin, known, profile_of
from service.audit import store as audit
from service.audit.keys import AUDIT_KEYS
from service.audit.model import Action, Actor
from service.audit.store import Act
from service.problems import ModuleRegistryError, OwnAccount, StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script


def load(name: str) -> Script:
    """The script of this name, which begins with lua/actor.lua."""
    shared = ("accounts/account", "audit/record", "accounts/actor")
    return Script.load(*shared, f"accounts/{name}", returns=(str | None, str | None, [str]))


def run(client: Client, script: Script, key: str, by: Actor, account_id: str, *args: str | int) -> list[str]:
    """What a script of `load` has in its list, of what it did at a key to an account.

    Raises NotAuthenticated, AccountNotActive, NotAnAdmin, StorageUnavailable.
    """
    keys = [key, *AUDIT_KEYS]
    if by.account_id is not None:
        keys.append(account_key(by.account_id))
    given = [by.generation, AMONG_VOTERS, by.signature(), account_id, *args]
    status, role, found = client.run(script, keys, given, writes=True)
    if by.account_id is not None:
        check_is_admin(known(client, Caller(by.account_id), status), role)
    done: list[str] = found
    return done


def check(client: Client, by: Actor) -> None:
    """Raise NotAuthenticated, AccountNotActive or NotAnAdmin unless who acts may. Whoever runs a command may."""
    if by.account_id is not None:
        found = profile_of(client, Caller(by.account_id, by.generation))
        check_is_admin(found.status, found.role)


def check_is_another(client: Client, by: Actor, account_id: str) -> None:
    """Raise OwnAccount where an account acts on itself, after what `check` raises.

    Nobody would be left who could take it back. A command can.
    """
    if by.account_id == account_id:
        check(client, by)
        raise OwnAccount("An admin cannot suspend, demote or erase their own account. Another admin can.")


@contextmanager
def intended(
    client: Client, by: Actor, what: Action, *, whom: str = "", about: str = "", before: str = "", after: str = ""
) -> Iterator[Act]:
    """As `intended` of the audit, for whoever may act. Raises what `check` does, and StorageUnavailable.

    Of somebody whose account is gone by the end, the record does not keep who it was.
    """
    check(client, by)
    people = [account_id for account_id in (by.account_id, whom) if account_id]
    try:
        with audit.intended(client, by, what, whom=whom, about=about, before=before, after=after) as act:
            yield act
    except StorageUnavailable:
        raise
    except ModuleRegistryError:
        _forget_who_is_gone(client, people)
        raise
    _forget_who_is_gone(client, people)


def _forget_who_is_gone(client: Client, people: list[str]) -> None:
    for account_id in people:
        if not client.command("EXISTS", account_key(account_id)):
            audit.forget(client, account_id)
