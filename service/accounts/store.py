"""Accounts: one Redis hash each, which the platform and the command line write and every request reads."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.problems import AccountExists, InvalidAccount, StorageUnavailable, UnknownAccount, WriteUnconfirmed
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened

_ADD = Script.load("accounts/add", returns=int)
_SET = Script.load("accounts/set", returns=int)
_REMOVE = Script.load("accounts/remove", returns=int)

#: Longest account id, in characters.
MAX_ID = 128

#: Longest e-mail address, in characters (RFC 5321, 4.5.3.1.3, without its angle brackets).
LONGEST_EMAIL = 254

#: Longest name that is shown, in characters: the platform may write any.
_LONGEST_NAME = 100

#: How much of a language tag is looked at, in characters (RFC 5646, 4.4.1).
_LONGEST_TAG = 35


class Status(StrEnum):
    """What an account may do: active all, pending read, suspended nothing."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"


class Role(StrEnum):
    """What an account is on the platform."""

    MEMBER = "member"
    ADMIN = "admin"


class Locale(StrEnum):
    """In which language a person is spoken to."""

    EN = "en"
    FR = "fr"

    @classmethod
    def of(cls, tag: str | None) -> Locale | None:
        """The language that an account's `locale` stands for; None where there is none, or none that is spoken here.

        The platform and sign-in providers write others than ours, such as fr-CA or fr_FR: the primary subtag counts,
        whatever its case (RFC 5646, 2.1.1 and 2.2.1).
        """
        primary = (tag or "")[:_LONGEST_TAG].replace("_", "-").partition("-")[0].lower()
        return next((locale for locale in cls if locale == primary), None)


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as stored. What is empty is not known."""

    id: str
    status: str
    role: str = Role.MEMBER
    name: str = ""
    email: str = ""
    locale: str = ""


def shown_name(name: str) -> str:
    """The name of an account, which others write: short, and on one line."""
    return shortened(printable(name), _LONGEST_NAME)


def account_key(account_id: str) -> str:
    """The hash of one account."""
    return f"account:{account_id}"


def new_generation() -> str:
    """A random generation. Sessions and sign-in links carry their account's, and end when it has another."""
    return secrets.token_urlsafe(16)


def check_id(account_id: str) -> None:
    """Raise InvalidAccount for an id that no account can have."""
    if not account_id or len(account_id) > MAX_ID or not account_id.isprintable() or " " in account_id:
        raise InvalidAccount(f"an account id is 1 to {MAX_ID} printable characters without spaces, not {account_id!r}")


def _check_name(name: str) -> None:
    if not name.isprintable():
        raise InvalidAccount(f"a name is printable characters, in one line, not {name!r}")


def _check_email(email: str) -> None:
    name, _, host = email.rpartition("@")
    if email and not (name and host and len(email) <= LONGEST_EMAIL and email.isprintable() and " " not in email):
        raise InvalidAccount(f"an e-mail address is like alice@example.com, not {email!r}")


def add(client: Client, account: Account, *, generation_required: bool = False) -> None:
    """Store a new account, with a generation of its own, which sessions have to carry where it is required.

    Raises InvalidAccount, AccountExists, StorageUnavailable.
    """
    check_id(account.id)
    _check_name(account.name)
    _check_email(account.email)
    fields = {"status": account.status, "role": account.role, "name": account.name, "generation": new_generation()}
    fields |= {name: value for name, value in (("email", account.email), ("locale", account.locale)) if value}
    if generation_required:
        fields["generation_required"] = "1"
    arguments = [part for field in fields.items() for part in field]
    try:
        is_new = client.run(_ADD, [account_key(account.id)], arguments, writes=True)
    except WriteUnconfirmed:
        raise
    except StorageUnavailable:  # perhaps only the answer was lost: this generation is nobody else's
        if client.command("HGET", account_key(account.id), "generation") != fields["generation"]:
            raise
        return
    if not is_new:
        raise AccountExists(f"account {account.id} exists already")


def find(client: Client, account_id: str) -> Account | None:
    """The account with this id, or None. Raises StorageUnavailable."""
    found: Any = client.command("HMGET", account_key(account_id), "status", "role", "name", "email", "locale")
    status, role, *texts = found
    return Account(account_id, status, role or Role.MEMBER, *(text or "" for text in texts)) if status else None


def set_status(client: Client, account_id: str, status: Status) -> None:
    """Change an account's status. Raises UnknownAccount, StorageUnavailable."""
    _set(client, account_id, "status", status)


def set_details(
    client: Client,
    account_id: str,
    *,
    name: str | None = None,
    role: str | None = None,
    email: str | None = None,
    locale: str | None = None,
) -> None:
    """Change what is known of an account; what is None stays.

    Raises InvalidAccount, UnknownAccount, StorageUnavailable.
    """
    _check_name(name or "")
    _check_email(email or "")
    for field, value in (("name", name), ("role", role), ("email", email), ("locale", locale)):
        if value is not None:
            _set(client, account_id, field, value)


def renew_generation(client: Client, account_id: str) -> None:
    """End every session of an account that carries a generation, and its unspent sign-in links.

    Raises UnknownAccount, StorageUnavailable.
    """
    _set(client, account_id, "generation", new_generation())


def _set(client: Client, account_id: str, field: str, value: str) -> None:
    if not client.run(_SET, [account_key(account_id)], [field, value], writes=True):
        raise UnknownAccount(f"no account has the id {account_id}")


def remove(client: Client, account_id: str) -> bool:
    """Delete an account, which ends its sessions; returns whether there was one.

    Its votes are the interest room's to withdraw, after this. Raises StorageUnavailable.
    """
    try:
        return bool(client.run(_REMOVE, [account_key(account_id)], [], writes=True))
    except WriteUnconfirmed:
        raise
    except StorageUnavailable:  # perhaps only the answer was lost
        if find(client, account_id) is not None:
            raise
        return True


def list_accounts(client: Client) -> Iterator[Account]:
    """Every account, sorted by id. Raises StorageUnavailable."""
    ids = {key.removeprefix(account_key("")) for key in client.scan(account_key("*"))}
    for account_id in sorted(ids):
        account = find(client, account_id)
        if account:
            yield account
