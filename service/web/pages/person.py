"""Whom a page is about: the caller, with the name and the role that the page shows; and pages for them alone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, request

from service.accounts.model import LONGEST_EMAIL, Locale, Role, shown_name
from service.accounts.sessions import READERS, VOTERS, Caller, account_of, check_is_admin
from service.feedback import queue
from service.problems import StorageUnavailable
from service.web.languages import LANGUAGES, of_path, preferred
from service.web.pages.blueprint import lead_to, own_address
from service.web.request_data import address
from service.web.session import caller_or_none
from service.web.state import state
from service.wording import printable, shortened

P = ParamSpec("P")
ShownTo = Callable[Concatenate["Person", P], Response]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. A pending account may read, and do nothing else."""

    caller: Caller
    name: str
    role: str
    status: str
    email: str = ""
    locale: Locale | None = None
    requests: queue.Counts | None = None
    """The requests that there are, on pages for admins: None while the store does not answer."""

    @property
    def waiting(self) -> int:
        """How many of them wait for admins."""
        return self.requests.unread if self.requests else 0

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
    account = account_of(state().client, caller)
    if account.status not in READERS:
        return None
    name, email = shown_name(account.name or caller.id), printable(shortened(account.email, LONGEST_EMAIL))
    return Person(caller, name, account.role, account.status, email, Locale.of(account.locale))


def for_members(page: ShownTo[P]) -> Callable[P, Response]:
    """A page for whoever is signed in. The others are led to sign in, and from there back to it."""

    @wraps(page)
    def shown(*args: P.args, **facts: P.kwargs) -> Response:
        me = person()
        if me is not None:
            return page(me, *args, **facts)
        lang = of_path(request.path) or LANGUAGES[0]
        back = own_address(address()) or f"/{lang}/"
        return lead_to(state().site.sign_in(lang, back))

    return shown


def for_admins(page: ShownTo[P]) -> Callable[P, Response]:
    """The same for admins alone: it raises AccountNotActive or NotAnAdmin for other members."""

    @for_members
    @wraps(page)
    def shown(me: Person, /, *args: P.args, **facts: P.kwargs) -> Response:
        check_is_admin(me.status, me.role)
        with suppress(StorageUnavailable):  # a page about something else is shown all the same
            me = replace(me, requests=queue.counts(state().client, me.caller, state().in_force.registry))
        return page(me, *args, **facts)

    return shown


def language() -> str:
    """The language for an address that names none: of the account of whoever is signed in, or else the browser's.

    Who carries no session, or comes while the store does not answer, gets the browser's: this must lead somewhere.
    """
    with suppress(StorageUnavailable):
        me = person()
        if me is not None and me.locale is not None:
            return me.locale
    return preferred(request)
