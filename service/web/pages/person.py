"""Whom a page is about: the caller, with the name and the role that the page shows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import request

from service.accounts.model import LONGEST_EMAIL, Locale, Role, shown_name
from service.accounts.sessions import READERS, VOTERS, Caller, profile_of
from service.problems import StorageUnavailable
from service.web.pages.languages import preferred
from service.web.session import caller_or_none
from service.web.state import state
from service.wording import printable, shortened


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. A pending account may read, and do nothing else."""

    caller: Caller
    name: str
    role: str
    status: str
    email: str = ""
    locale: Locale | None = None

    @property
    def id(self) -> str:
        """The account's id, as it may be shown."""
        return printable(self.caller.id)

    @property
    def may_write(self) -> bool:
        """Whether the account is active."""
        return self.status in VOTERS

    @property
    def is_admin(self) -> bool:
        """Whether it is an active admin's."""
        return self.may_write and self.role == Role.ADMIN


def person() -> Person | None:
    """Whoever is signed in, if it is an account that may read. Raises StorageUnavailable."""
    caller = caller_or_none()
    if caller is None:
        return None
    found = profile_of(state().client, caller)
    if found.status not in READERS:
        return None
    name, email = shown_name(found.name or caller.id), printable(shortened(found.email, LONGEST_EMAIL))
    return Person(caller, name, found.role, found.status, email, found.locale)


def language() -> str:
    """The language for an address that names none: of the account of whoever is signed in, or else the browser's.

    Who carries no session, or comes while the store does not answer, gets the browser's: this must lead somewhere.
    """
    with suppress(StorageUnavailable):
        me = person()
        if me is not None and me.locale is not None:
            return me.locale
    return preferred(request)
