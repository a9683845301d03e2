"""Whom a page is about: the caller, with the name and the role that the page shows."""

from __future__ import annotations

from dataclasses import dataclass

from service.accounts.sessions import READERS, VOTERS, Caller, profile_of
from service.accounts.store import Role, shown_name
from service.web.session import caller_or_none
from service.web.state import state


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. A pending account may read, and do nothing else."""

    caller: Caller
    name: str
    role: str
    status: str

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
    return Person(caller, shown_name(found.name or caller.id), found.role, found.status)
