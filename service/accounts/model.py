"""What an account is, and the name of its key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from service.problems import InvalidAccount
from service.storage.form import key
from service.wording import printable, shortened

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

    @classmethod
    def of(cls, account_id: str, status: str | None, role: str | None, *texts: str | None) -> Account:
        """What a script or a command has read of an account; the status is empty where there is none."""
        return cls(account_id, status or "", role or Role.MEMBER, *(text or "" for text in texts))


def shown_name(name: str) -> str:
    """The name of an account, which others write: short, and on one line."""
    return shortened(printable(name), _LONGEST_NAME)


def account_key(account_id: str) -> str:
    """The hash of one account."""
    return key("account", account_id)


def new_generation() -> str:
    """A random generation. Sessions and sign-in links carry their account's, and end when it has another."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether an account can be given this id here."""
    return may_be_stored(text) and " " not in text


def may_be_stored(text: str) -> bool:
    """Whether this can be the id of an account that the platform has stored, or what an account has voted for."""
    return 0 < len(text) <= MAX_ID and text.isprintable()


def check_id(account_id: str) -> None:
    """Raise InvalidAccount for an id that no account can have."""
    if not is_id(account_id):
        raise InvalidAccount(f"an account id is 1 to {MAX_ID} printable characters without spaces, not {account_id!r}")


def is_email(text: str) -> bool:
    """Whether an account can have this e-mail address."""
    name, _, host = text.rpartition("@")
    return bool(name and host) and len(text) <= LONGEST_EMAIL and text.isprintable() and " " not in text


def check_texts(name: str, email: str) -> None:
    """Raise InvalidAccount for a name or an e-mail address that no account can have; each may be empty."""
    if not name.isprintable():
        raise InvalidAccount(f"a name is printable characters, in one line, not {name!r}")
    if email and not is_email(email):
        raise InvalidAccount(f"an e-mail address is like alice@example.com, not {email!r}")
