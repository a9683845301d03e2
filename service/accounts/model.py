"""What an account is, and the name of its key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from service.problems import InvalidAccount
from service.wording import printable, shortened

#: Longest account id, in characters.
MAX_ID = 128

#: Longest name that is shown, in characters: the platform may write any.
_LONGEST_NAME = 100


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
