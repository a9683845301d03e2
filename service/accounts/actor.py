"""How an admin acts on accounts: what is checked of who acts, and that what was done is recorded.

A script does all of it in one step. What takes several is recorded before and after it, by `intended`.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import NoneType

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_admin, check_is_admin
from service.audit.model import Action, Actor, Outcome
from service.audit.store import AUDIT_KEYS, OUTCOMES_KEY
from service.problems import ModuleRegistryError, OwnAccount, StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script


def load(name: str) -> Script:
    """The script of this name, which begins with lua/actor.lua."""
    shared = ("accounts/account", "audit/record", "accounts/actor")
    return Script.load(*shared, f"accounts/{name}", returns=(str | None, str | None, [str]))


_INTEND = load("intend")
_CONCLUDE = Script.load("accounts/conclude", returns=NoneType)


def run(client: Client, script: Script, key: str, by: Actor, account_id: str, *args: str | int) -> list[str]:
    """What a script of `load` has in its list, of what it did at a key to an account.

    Raises NotAuthenticated, AccountNotActive, NotAnAdmin, StorageUnavailable.
    """
    keys = [key, *AUDIT_KEYS]
    if by.account_id is not None:
        keys.append(account_key(by.account_id))
    given = [by.generation, AMONG_VOTERS, by.signature(), account_id, *args]
    status, role, answer = client.run(script, keys, given, writes=True)
    if by.account_id is not None:
        check_is_admin(status, role)
    return list(answer)


def check(client: Client, by: Actor) -> None:
    """Raise NotAuthenticated, AccountNotActive or NotAnAdmin unless who acts may. Whoever runs a command may."""
    if by.account_id is not None:
        check_admin(client, Caller(by.account_id, by.generation))


def check_is_another(client: Client, by: Actor, account_id: str) -> None:
    """Raise OwnAccount where an account acts on itself, after what `check` raises.

    Nobody would be left who could take it back. A command can.
    """
    if by.account_id == account_id:
        check(client, by)
        raise OwnAccount("An admin cannot suspend, demote or erase their own account. Another admin can.")


@dataclass(slots=True)
class Act:
    """What is being done; what is `after` it is recorded with how it ended, so it can be set meanwhile."""

    after: str

    def ended(self, outcome: Outcome, why: str = "") -> str:
        """How it ended, as it is recorded."""
        return json.dumps({"outcome": outcome, "after": self.after, "why": why})


def record(client: Client, by: Actor, what: Action, *, whom: str = "", about: str = "", after: str = "") -> None:
    """Record what is done with this, where whoever acts may. Raises what `run` does."""
    ended = Act(after).ended(Outcome.DONE)
    run(client, _INTEND, account_key(whom), by, whom, secrets.token_hex(8), ended, what, about, "", after)


@contextmanager
def intended(
    client: Client, by: Actor, what: Action, *, whom: str = "", about: str = "", before: str = "", after: str = ""
) -> Iterator[Act]:
    """Record what is about to be done inside, where whoever acts may, and how it ended.

    `whom` is an account id. Where the first cannot be recorded nothing is done. What is refused inside is recorded as
    failed. Where the store did not answer, or the process ends, nobody knows: then the act stays unconfirmed. Raises
    what `run` does.
    """
    act, name = Act(after), secrets.token_hex(8)
    run(client, _INTEND, account_key(whom), by, whom, name, "", what, about, before, after)

    def conclude(outcome: Outcome, why: str = "") -> None:
        client.run(_CONCLUDE, [OUTCOMES_KEY], [name, act.ended(outcome, why)], writes=True)

    try:
        yield act
    except StorageUnavailable:
        raise
    except Exception as error:
        conclude(Outcome.FAILED, type(error).__name__ if isinstance(error, ModuleRegistryError) else "unexpected")
        raise
    conclude(Outcome.DONE)
