"""What a session may do. Who may read, who may vote, and which sessions have ended is said here, and nowhere else.

Every account has a generation, a random text. A session carries the one that it was begun with, and has ended once the
account has another, or is gone. The platform's sessions may carry none; they count unless the account requires one.
Scripts that act for a session begin with lua/account.lua: the account is looked at in the same step as what it permits.
"""

from __future__ import annotations

from types import NoneType
from typing import NamedTuple

from service.accounts.model import Account, Locale, Role, Status, account_key, new_generation
from service.problems import AccountNotActive, InvalidField, NotAnAdmin, NotAuthenticated
from service.storage.client import Client
from service.storage.script import Script, Shape
from service.wording import either


class Caller(NamedTuple):
    """The account that a session names, and the generation that it carries: empty where it carries none."""

    id: str
    generation: str = ""


#: The statuses of accounts that count as signed in.
READERS = (Status.ACTIVE, Status.PENDING)

#: The statuses of accounts that may vote.
VOTERS = (Status.ACTIVE,)

#: The same as scripts look for one of them.
AMONG_READERS, AMONG_VOTERS = (f",{','.join(statuses)}," for statuses in (READERS, VOTERS))

#: What scripts return of the account of a session.
ACCOUNT: tuple[Shape, ...] = (str | None,) * 5

_PROFILE = Script.load("accounts/account", "accounts/profile", returns=ACCOUNT)
_CHOOSE_LOCALE = Script.load("accounts/account", "accounts/choose_locale", returns=str | None)
_SIGN_OUT = Script.load("accounts/account", "accounts/sign_out", returns=NoneType)


def check_may_read(status: str | None) -> None:
    """Raise NotAuthenticated unless an account of this status counts as signed in (product documentation, 401)."""
    if status not in READERS:
        raise NotAuthenticated("Sign in first: there is no session of an account that may use this service.")


def check_may_vote(status: str | None, *, to: str = "vote") -> None:
    """Raise NotAuthenticated, or AccountNotActive for a pending account (product documentation, 401 and 403).

    `to` says what it may not do yet.
    """
    check_may_read(status)
    if status not in VOTERS:
        raise AccountNotActive(f"This account is pending: it can {to} once it has been activated.")


def check_is_admin(status: str | None, role: str | None) -> None:
    """Raise as `check_may_vote` does, or NotAnAdmin."""
    check_may_vote(status, to="do this")
    if role != Role.ADMIN:
        raise NotAnAdmin("This is for admins, and this account is none.")


def check_admin(client: Client, caller: Caller) -> None:
    """Raise as `check_is_admin` does, by a look at the caller's account. Raises StorageUnavailable, too."""
    account = account_of(client, caller)
    check_is_admin(account.status, account.role)


def status_of(client: Client, caller: Caller) -> str:
    """The status of a caller's account. As `account_of`."""
    return account_of(client, caller).status


def account_of(client: Client, caller: Caller) -> Account:
    """A caller's account; its status is empty where there is none, or the session has ended. Raises
    StorageUnavailable."""
    return Account.of(caller.id, *client.run(_PROFILE, [account_key(caller.id)], [caller.generation]))


def choose_locale(client: Client, caller: Caller, locale: object) -> Locale:
    """Remember the language that a person has chosen, and return it. A pending account's may choose, too.

    Raises NotAuthenticated, InvalidField, StorageUnavailable.
    """
    chosen = next((each for each in Locale if each == locale), None)
    if chosen is None:
        check_may_read(status_of(client, caller))
        raise InvalidField("locale", f"must be {either(list(Locale))}")
    args = [caller.generation, AMONG_READERS, chosen]
    check_may_read(client.run(_CHOOSE_LOCALE, [account_key(caller.id)], args, writes=True))
    return chosen


def sign_out(client: Client, caller: Caller) -> None:
    """End every session of the caller's account that carries a generation, and its unspent sign-in links.

    Nothing happens if the caller's own session has ended already. Raises StorageUnavailable.
    """
    client.run(_SIGN_OUT, [account_key(caller.id)], [caller.generation, new_generation()], writes=True)
