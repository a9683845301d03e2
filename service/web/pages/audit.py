"""What admins have done, for admins: newest first, by or about somebody, since a day, of one kind."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response

from service.accounts.model import shown_name
from service.accounts.store import names
from service.audit import store
from service.audit.model import LONGEST_ID, Action, Entry, checked_cursor, checked_since
from service.storage.entries import LISTED
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.forms import Filters, Refusal, attempt
from service.web.pages.person import Person, for_admins
from service.web.state import state

#: The path below /{lang}/.
PATH = "admin/audit"


@pages.get(f"{LANG}/{PATH}")
@for_admins
def show_audit(me: Person, lang: str) -> Response:
    """A page of entries. What none can have counts as not asked for; a day that is none is told beside its field."""
    filters, wrong = Filters.asked("who", "since", "what"), ""
    if len(filters["who"]) > LONGEST_ID or not filters["who"].isprintable():
        filters["who"] = ""
    if filters["what"] not in list(Action):
        filters["what"] = ""
    since = attempt(lambda: checked_since(filters["since"] or None))
    if isinstance(since, Refusal):
        wrong, since = filters["since"][:40], None
        filters |= {"since": "", "cursor": ""}
    who, what = filters["who"] or None, Action(filters["what"]) if filters["what"] else None
    cursor = checked_cursor(filters["cursor"] or None)
    page = store.page(state().client, LISTED, cursor=cursor, who=who, what=what, since=since)
    facts = {"me": me, "filters": filters, "wrong": wrong, "page": page, "names": _names(page.entries)}
    return personal("admin-audit.html", lang, PATH, 422 if wrong else 200, switch=PATH + filters.query(), **facts)


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """What people are called who have an account; their ids where they have no name."""
    parties = [party for entry in entries for party in (entry.who, entry.whom) if party]
    ids = sorted({party.account_id for party in parties if party.account_id})
    return {account_id: shown_name(name or account_id) for account_id, name in names(state().client, ids).items()}
