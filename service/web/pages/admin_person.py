"""One person, for admins: what is known of them, and what can be done to their account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request

from service.accounts import sign_in, store
from service.accounts.model import Role, Status
from service.audit.model import Actor
from service.people import privacy
from service.people.overview import overview
from service.problems import InvalidField, OwnAccount, SignInRefused, UnknownAccount
from service.storage.client import Client
from service.web.actor import actor
from service.web.admission import admins, takes_body
from service.web.pages.admin import admin
from service.web.pages.blueprint import LANG, pages
from service.web.pages.done import done, lead_on
from service.web.pages.forms import Refusal, attempt, form_page, read_form
from service.web.pages.languages import LANGUAGES
from service.web.pages.people import account_path, shown
from service.web.pages.person import Person
from service.web.pages.redirects import found, to_sign_in
from service.web.query import query
from service.web.responses import no_store
from service.web.state import state
from service.wording import json_text, printable, shortened

_PERSON = f"{LANG}/admin/person"
_ERASE = f"{_PERSON}/erase"

#: Largest body that is read, in bytes: an id of 128 characters takes up to 1,536 of them in a form.
LARGEST_BODY = 4096

#: What is told on the page of the person. Any other error has a page of its own.
_TOLD = (SignInRefused, OwnAccount, InvalidField)

#: What the buttons do, which the page says afterwards, by the names that forms have for it.
_ACTIONS: dict[str, Callable[[Client, str, Actor], None]] = {
    "activated": lambda client, id, by: store.set_status(client, id, Status.ACTIVE, by=by),
    "suspended": lambda client, id, by: store.set_status(client, id, Status.SUSPENDED, by=by),
    "promoted": lambda client, id, by: store.set_details(client, id, role=Role.ADMIN, by=by),
    "demoted": lambda client, id, by: store.set_details(client, id, role=Role.MEMBER, by=by),
    "signed-out": lambda client, id, by: store.renew_generation(client, id, by=by),
}


@pages.get(_PERSON)
def show_person(lang: str) -> Response:
    """What is known of somebody."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    account_id = query().get("id")
    return _person(lang, me, account_id) if account_id else found(f"/{lang}/admin/people")


@pages.post(_PERSON)
@takes_body(LARGEST_BODY, of=admins)
def act_on_person(lang: str) -> Response:
    """Do what a button says. A sign-in link is shown on the answer itself, once, and data is the answer."""
    client, account_id, what, by = state().client, query().get("id", ""), read_form().get("do", ""), actor()
    if what == "data":
        return _download(account_id, privacy.data(client, account_id, by=by))
    if what == "link":
        made = attempt(lambda: sign_in.make_token(client, account_id, by=by), _TOLD)
        return _told(lang, account_id, made) if isinstance(made, Refusal) else _told(lang, account_id, token=made)
    action = _ACTIONS.get(what)
    if action is None:
        raise InvalidField("do", "must be what a button of the page says")
    refused = attempt(lambda: action(client, account_id, by), _TOLD)
    if isinstance(refused, Refusal):
        return _told(lang, account_id, refused)
    return lead_on(lang, account_path(account_id), what)


@pages.get(_ERASE)
def ask_to_erase(lang: str) -> Response:
    """What would be erased, and the form to confirm it."""
    me = admin()
    return to_sign_in(lang) if me is None else _confirmation(lang, me)


@pages.post(_ERASE)
@takes_body(LARGEST_BODY, of=admins)
def erase_person(lang: str) -> Response:
    """Erase all that is kept of a person, once their id has been typed."""
    account_id, typed, by = query().get("id", ""), read_form().get("typed", "").strip(), actor()

    def erase() -> dict[str, int]:
        if typed != account_id:
            raise InvalidField("typed", "must be the id of the account")
        erased = privacy.erase(state().client, account_id, by=by)
        if not any(erased.values()):
            raise UnknownAccount(account_id)
        return erased

    erased = attempt(erase, _TOLD)
    if not isinstance(erased, Refusal):
        return lead_on(lang, "admin/people", "erased")
    me = admin()
    return to_sign_in(lang) if me is None else _confirmation(lang, me, typed, erased)


def _told(lang: str, account_id: str, refusal: Refusal | None = None, token: str = "") -> Response:
    me = admin()
    return to_sign_in(lang) if me is None else _person(lang, me, account_id, refusal, token=token)


def _person(lang: str, me: Person, account_id: str, refusal: Refusal | None = None, *, token: str = "") -> Response:
    here = state()
    registry = here.in_force.registry
    found = overview(here.client, account_id, registry)
    facts: dict[str, Any] = {
        "me": me,
        "person": found,
        "is_own": account_id == me.caller.id,
        "wanted": [(id, registry.find(id)) for id in found.wanted],
        "modules": registry.by_slug,
        "link": _link(token, found.account.locale) if token else None,
        "expires": datetime.now(UTC) + timedelta(seconds=sign_in.LIFETIME),
        "minutes": sign_in.LIFETIME // 60,
        "done": None if refusal else done(account_path(account_id)),
        "account_path": account_path,
        "shown": shown,
        "switch": account_path(account_id),
    }
    return form_page("admin-person.html", lang, "admin/person", "", refusal, **facts)


def _link(token: str, locale: str) -> str:
    """A sign-in link, whose page is in the person's own language where that is known.

    Without PUBLIC_URL it begins with the address that the admin has this page from: the admin alone is shown it.
    """
    site = state().site
    address = site.public_url or f"{request.scheme}://{request.host}"
    return f"{address}{f'/{locale}' if locale in LANGUAGES else ''}/sign-in?token={token}"


def _confirmation(lang: str, me: Person, typed: str = "", refusal: Refusal | None = None) -> Response:
    account_id = query().get("id", "")
    found = privacy.found(state().client, account_id)
    if not found["stored_in"]:
        raise _unknown(account_id)
    return form_page(
        "admin-erase.html",
        lang,
        "admin/person/erase",
        typed,
        refusal,
        me=me,
        account_id=account_id,
        account=found["account"] or {},
        votes=len(found["votes"]),
        asked=len(found["requests"]["asked"]),
        answered=len(found["requests"]["answered"]),
        is_own=account_id == me.caller.id,
        shown=shown,
        person_path=account_path(account_id),
        switch=account_path(account_id).replace("person", "person/erase", 1),
    )


def _download(account_id: str, data: dict[str, Any]) -> Response:
    """All that is kept of a person, as a file."""
    if not data["stored_in"]:
        raise _unknown(account_id)
    name = re.sub("[^A-Za-z0-9_-]+", "-", account_id)[:60]
    headers = {"Content-Disposition": f'attachment; filename="data-{name}.json"'}
    return no_store(Response(json_text(data, indent=2) + "\n", headers=headers, mimetype="application/json"))


def _unknown(account_id: str) -> UnknownAccount:
    return UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
