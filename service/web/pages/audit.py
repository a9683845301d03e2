"""What admins have done, for admins: newest first, by or about somebody, since a day, of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from flask import Response

from service.accounts.store import names, shown_name
from service.audit import store
from service.audit.model import LONGEST_ID, Action, Entry, Page, checked_cursor, checked_since
from service.listing import LISTED
from service.problems import InvalidField
from service.web.pages.admin import admin
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.forms import Refusal, attempt
from service.web.pages.people import account_path
from service.web.pages.redirects import to_sign_in
from service.web.query import query
from service.web.state import state

#: The path below /{lang}/.
PATH = "admin/audit"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are listed, as the address says."""

    who: str = ""
    since: str = ""
    what: str = ""
    cursor: str = ""

    @classmethod
    def asked(cls) -> Filters:
        """Those of the request at hand. What no entry can have counts as not given."""
        fields = {name: value.strip() for name, value in query().items()}
        who, what = fields.get("who", ""), fields.get("what", "")
        who = who if len(who) <= LONGEST_ID and who.isprintable() else ""
        return cls(who, fields.get("since", ""), what if what in list(Action) else "", fields.get("cursor", ""))

    def query(self, cursor: str | None = None) -> str:
        """The query of an address with these filters, from a cursor on or from the newest; nothing without any."""
        fields = {"who": self.who, "since": self.since, "what": self.what, "cursor": cursor}
        given = {name: value for name, value in fields.items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def are_any(self) -> bool:
        """Whether entries are left out."""
        return bool(self.who or self.since or self.what)


@pages.get(f"{LANG}/{PATH}")
def show_audit(lang: str) -> Response:
    """A page of entries. A day that makes no sense is told beside its field."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    filters, wrong = Filters.asked(), ""
    since = attempt(lambda: checked_since(filters.since or None), (InvalidField,))
    if isinstance(since, Refusal):
        wrong, since = filters.since[:40], None
        filters = replace(filters, since="", cursor="")
    found = _page(filters, since)
    return personal(
        "admin-audit.html",
        lang,
        PATH,
        422 if wrong else 200,
        languages=(),
        switch=f"{PATH}{filters.query(filters.cursor)}",
        me=me,
        filters=filters,
        wrong=wrong,
        page=found,
        kinds=list(Action),
        names=_names(found.entries),
        person_path=account_path,
    )


def _page(filters: Filters, since: datetime | None) -> Page:
    """Raises InvalidField for a cursor that no page has given, and StorageUnavailable."""
    what = Action(filters.what) if filters.what else None
    cursor = checked_cursor(filters.cursor or None)
    return store.page(state().client, LISTED, cursor=cursor, who=filters.who or None, what=what, since=since)


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """What people are called who have an account; their ids where they have no name."""
    parties = [party for entry in entries for party in (entry.who, entry.whom) if party]
    ids = sorted({party.account_id for party in parties if party.account_id})
    return {account_id: shown_name(name or account_id) for account_id, name in names(state().client, ids).items()}
