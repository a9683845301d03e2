"""People, for admins: their accounts, a page at a time, and searched; what is known of one, and what can be done; and
what admins have done.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Response, request

from service.accounts import listing, sign_in, store
from service.accounts.listing import Search
from service.accounts.model import Role, Status, shown_name
from service.audit import store as audit
from service.audit.model import LONGEST_ID, Action, Entry, checked_cursor, checked_since
from service.feedback.store import threads_of
from service.interest.own import votes_of
from service.privacy import personal_data
from service.problems import InvalidField, UnknownAccount
from service.storage.entries import LISTED
from service.web.admission import admins, takes_body
from service.web.languages import LANGUAGES
from service.web.pages.blueprint import LANG, Refusal, download, lead_on, lead_to, pages, personal
from service.web.pages.forms import Filters, attempt
from service.web.pages.person import Person, for_admins
from service.web.request_data import query
from service.web.session import actor
from service.web.site import account_path
from service.web.state import state
from service.wording import json_text, printable, shortened

#: Largest body that is read, in bytes: what a button says, and an id that is typed.
LARGEST_BODY = 4096

_LIST = f"{LANG}/admin/people"
_PERSON = f"{LANG}/admin/person"
_ERASE = f"{_PERSON}/erase"

#: What the list can be narrowed to, which the page of a person keeps for the way back.
_FILTERS = ("q", "status", "role")

#: How many of a person's requests are shown, those touched last.
_MOST_THREADS = 10

#: What the buttons do, which the page says afterwards, by the names that forms have for it. One makes a token.
_ACTIONS: dict[str, Callable[..., str | None]] = {
    "activated": partial(store.set_status, status=Status.ACTIVE),
    "suspended": partial(store.set_status, status=Status.SUSPENDED),
    "promoted": partial(store.set_details, role=Role.ADMIN),
    "demoted": partial(store.set_details, role=Role.MEMBER),
    "signed-out": store.renew_generation,
    "link": sign_in.make_token,
}


@pages.get(_LIST)
@for_admins
def show_people(me: Person, lang: str) -> Response:
    """The list; if a text is searched for and one account alone has it, that account."""
    filters = Filters.asked(*_FILTERS)
    search, cursor = Search(filters["q"], filters["status"], filters["role"]), filters.said["cursor"]
    page = listing.page(state().client, me.caller, search, cursor=cursor)
    if search.text and not cursor and not page.next and len(page.accounts) == 1:
        return lead_to(f"/{lang}/{account_path(page.accounts[0].id)}")
    return personal("admin-people.html", lang, "admin/people", me=me, filters=filters, page=page)


@pages.get(f"{_LIST}/<path:account_id>")
def lead_to_account(lang: str, account_id: str) -> Response:
    """The address of an account as one would guess it leads to where it is."""
    return lead_to(f"/{lang}/{account_path(account_id)}")


@pages.post(_PERSON)
@takes_body(LARGEST_BODY, of=admins)
def act_on_person(lang: str) -> Response:
    """Do what a button says. A sign-in link is shown on the answer itself, once, and data is the answer."""
    client, account_id, what, by = state().client, query().get("id", ""), request.form.get("do", ""), actor()
    if what == "data":
        data = personal_data.data(client, account_id, by=by)
        name = re.sub("[^A-Za-z0-9_-]+", "-", account_id)[:60]
        return download(Response(json_text(data, indent=2) + "\n", mimetype="application/json"), f"data-{name}.json")
    action = _ACTIONS.get(what)
    if action is None:
        raise InvalidField("do", "must be what a button of the page says")
    made = attempt(lambda: action(client, account_id, by=by))
    if made:
        return show_person(lang, made) if isinstance(made, Refusal) else show_person(lang, token=made)
    return lead_on(lang, account_path(account_id), what, Filters.asked(*_FILTERS).query("&"))


@pages.post(_ERASE)
@takes_body(LARGEST_BODY, of=admins)
def erase_person(lang: str) -> Response:
    """Erase all that is kept of a person, once their id has been typed."""
    account_id, typed, by = query().get("id", ""), request.form.get("typed", ""), actor()

    def erase() -> None:
        if typed.strip() != account_id.strip():
            raise InvalidField("typed", "must be the id of the account")
        personal_data.erase(state().client, account_id, by=by)

    refused = attempt(erase)
    if refused:
        return ask_to_erase(lang, typed, refused)
    return lead_on(lang, "admin/people", "erased")


@pages.get(_PERSON)
@for_admins
def show_person(me: Person, lang: str, refusal: Refusal | None = None, token: str = "") -> Response:
    """What is known of somebody."""
    account_id = query().get("id", "")
    if not account_id:
        return lead_to(f"/{lang}/admin/people")
    client, registry, path = state().client, state().in_force.registry, account_path(account_id)
    account = store.find(client, account_id)
    if account is None:
        raise UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
    asked = threads_of(client, account_id, registry, _MOST_THREADS)
    wanted = [(vote, registry.find(vote.feature)) for vote in votes_of(client, account_id, registry)]
    facts: dict[str, Any] = {"me": me, "account": account, "is_own": account_id == me.caller.id, "where": path}
    facts |= {"wanted": wanted, "asked": asked, "modules": registry.by_slug}
    facts |= {"link": _link(token, account.locale) if token else None, "minutes": sign_in.LIFETIME // 60}
    facts |= {"expires": datetime.now(UTC) + timedelta(seconds=sign_in.LIFETIME), "filters": Filters.asked(*_FILTERS)}
    switch = path + facts["filters"].query("&")
    return personal("admin-person.html", lang, "admin/person", refusal=refusal, switch=switch, **facts)


def _link(token: str, locale: str) -> str:
    """A sign-in link, whose page is in the person's own language where that is known.

    Without PUBLIC_URL it begins with the address that the admin has this page from: the admin alone is shown it.
    """
    site = state().site
    address = site.public_url or f"{request.scheme}://{request.host}"
    return f"{address}{f'/{locale}' if locale in LANGUAGES else ''}/sign-in?token={token}"


@pages.get(_ERASE)
@for_admins
def ask_to_erase(me: Person, lang: str, typed: str = "", refusal: Refusal | None = None) -> Response:
    """What would be erased, and the form to confirm it."""
    account_id = query().get("id", "")
    kept, path = personal_data.kept(state().client, account_id), account_path(account_id)
    facts: dict[str, Any] = {"account_id": account_id, "account": kept["account"] or {}, "votes": len(kept["votes"])}
    facts |= {kind: len(kept["requests"][kind]) for kind in ("asked", "answered")}
    facts |= {"me": me, "is_own": account_id == me.caller.id, "person_path": path}
    switch = path.replace("person", "person/erase", 1)
    return personal("admin-erase.html", lang, "admin/person/erase", refusal=refusal, text=typed, switch=switch, **facts)


@pages.get(f"{LANG}/admin/audit")
@for_admins
def show_audit(me: Person, lang: str) -> Response:
    """A page of acts, newest first. What none can have counts as not asked for.

    A day that is none is told beside its field.
    """
    filters, wrong = Filters.asked("who", "since", "what", what=list(Action)), ""
    if len(filters["who"]) > LONGEST_ID or not filters["who"].isprintable():
        filters["who"] = ""
    since = attempt(lambda: checked_since(filters.said["since"]))
    if isinstance(since, Refusal):
        wrong, since = filters["since"][:40], None
        filters |= {"since": "", "cursor": ""}
    said, what = filters.said, Action(filters["what"]) if filters["what"] else None
    cursor = checked_cursor(said["cursor"])
    page = audit.page(state().client, LISTED, cursor=cursor, who=said["who"], what=what, since=since)
    facts: dict[str, Any] = {"me": me, "filters": filters, "wrong": wrong, "page": page, "names": _names(page.entries)}
    return personal("admin-audit.html", lang, "admin/audit", 422 if wrong else 200, **facts)


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """What people are called who have an account; their ids where they have no name."""
    parties = [party for entry in entries for party in (entry.who, entry.whom) if party]
    ids = sorted({party.account_id for party in parties if party.account_id})
    return {account_id: shown_name(name or account_id) for account_id, name in store.names(state().client, ids).items()}
