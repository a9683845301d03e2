"""The dashboard of admins: what waits, the requests of all members, to answer and to decide, and who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from service.accounts.model import shown_name
from service.accounts.store import names
from service.audit import store as audit
from service.audit.model import LONGEST_ID, Action, Entry, checked_cursor, checked_since
from service.feedback import queue, store
from service.feedback.model import Page, Status, Thread, followed
from service.feedback.queue import Counts
from service.problems import StorageUnavailable
from service.storage.entries import LISTED
from service.web.admission import admins, takes_body
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.forms import LARGEST_BODY, Filters, Refusal, attempt, form_page, lead_on
from service.web.pages.person import Person, for_admins
from service.web.request_data import query
from service.web.session import actor, caller
from service.web.state import state

_LIST = f"{LANG}/admin/requests"
_THREAD = f"{_LIST}/<thread_id>"

#: What the list can be narrowed to.
_FILTERS = ("status", "module", "text", "who")

#: How many of the threads that wait the first page of the dashboard names.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """What an admin has before him: the list, and how many threads there are."""

    filters: Filters
    page: Page
    counts: Counts

    @classmethod
    def of(cls, me: Person, filters: Filters) -> Desk:
        """What is there now. Raises NotAnAdmin, InvalidField, StorageUnavailable."""
        client, registry = state().client, state().in_force.registry
        if filters["module"]:
            filters["module"] = followed(filters["module"], registry)[0]
        page = queue.threads(client, me.caller, registry, **filters.said)
        return cls(filters, page, me.requests or queue.counts(client, me.caller, registry))

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """Each status, and how many threads of the chosen module have it."""
        module = self.filters["module"]
        by_status = self.counts.by_module.get(module, {}) if module else self.counts.by_status
        return [(status, by_status.get(status, 0)) for status in Status]

    @property
    def modules(self) -> list[tuple[str, int]]:
        """Each module that has threads, and how many of the chosen status; most first."""
        chosen = [status for status in Status if self.filters["status"] in ("", status)]
        counts = [(slug, sum(by[status] for status in chosen)) for slug, by in self.counts.by_module.items()]
        return sorted(counts, key=lambda each: (-each[1], each[0]))

    def neighbours(self, thread_id: str) -> tuple[Thread | None, Thread | None]:
        """The threads before and after one. After one that has been dealt with comes the first that waits."""
        listed = self.page.threads
        at = next((at for at, thread in enumerate(listed) if thread.id == thread_id), -1)
        before = listed[at - 1] if at > 0 else None
        waiting = None if at >= 0 and listed[at].unread else next((each for each in listed if each.unread), None)
        return before, waiting or next(iter(listed[at + 1 :]), None)


@pages.get(f"{LANG}/admin/")
@for_admins
def dashboard(me: Person, lang: str) -> Response:
    """What waits."""
    desk = Desk.of(me, Filters(status="", module="", text="", who="", cursor=""))
    waiting = sorted((thread for thread in desk.page.threads if thread.unread), key=lambda each: each.updated)
    return personal("admin.html", lang, "admin/", me=me, desk=desk, waiting=waiting[:_MOST_NAMED])


@pages.post(_THREAD)
@takes_body(LARGEST_BODY, of=admins)
def act(lang: str, thread_id: str) -> Response:
    """Answer in a thread, change its status, or both; or mark it as read."""
    sent = request.form.to_dict() | {"answered": ""}
    what = attempt(lambda: _act(thread_id, sent))
    if isinstance(what, Refusal):
        return show_requests(lang, thread_id, sent, what)
    return lead_on(lang, f"admin/requests/{thread_id}", what, f"{Filters.asked(*_FILTERS).query()}#thread")


def _act(thread_id: str, sent: dict[str, str]) -> str:
    """Do what a form says, as long as nobody else has done something in the thread since the page was made.

    Returns what was done. A message that was sent is taken out of `sent`, so that none is sent twice; its
    `answered` says so where the status is refused after it.
    """
    app = state()
    registry = app.in_force.registry
    if sent.get("do") == "read":
        store.mark_read(app.client, caller(), thread_id)
        return "read"
    text, etag = sent.get("message", ""), sent.get("etag", "")
    becomes = sent.get("status") if sent.get("status") != sent.get("was") else None
    if text.strip() or becomes is None:
        limit = app.feedback_limit  # of what one says in a request of one's own
        thread = store.add_message(app.client, thread_id, text, registry, by=actor(), etags=[etag], limit=limit)
        sent["message"], sent["answered"], etag = "", "yes", thread.etag
        if becomes in (None, thread.status):
            return "answered"
    store.change_status(app.client, thread_id, becomes, [etag], registry, by=actor())
    return "answered" if text.strip() else "changed"


@pages.get(_LIST)
@pages.get(_THREAD)
@for_admins
def show_requests(
    me: Person,
    lang: str,
    thread_id: str | None = None,
    sent: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The list, and one thread of it: by default the first."""
    registry, sent, desk = state().in_force.registry, sent or {}, Desk.of(me, Filters.asked(*_FILTERS))
    shown = thread_id or next((thread.id for thread in desk.page.threads), "")
    try:
        thread = store.thread(state().client, me.caller, shown, registry) if shown else None
    except StorageUnavailable:  # which is in the log; a damaged one that nobody has asked for keeps no other from view
        if thread_id:
            raise
        thread = None
    before, after = desk.neighbours(thread.id) if thread else (None, None)
    answers = queue.answers(state().client, me.caller, registry, thread.module) if thread else []
    # What the page without scripts asks for, by its number.
    texts = {str(number): answer.text for number, answer in enumerate(answers, 1)} if refusal is None else {}
    text = texts.get(query().get("take", ""), "")
    path = f"admin/requests/{thread_id}" if thread_id else "admin/requests"
    facts: dict[str, Any] = {"me": me, "desk": desk, "filters": desk.filters, "is_chosen": thread_id is not None}
    facts |= {"thread": thread, "answers": answers, "before": before, "after": after}
    facts |= {"answered": sent.get("answered"), "was": sent.get("was"), "chosen": sent.get("status")}
    # Of messages above this many, an admin who was not the first is told that they are new.
    is_late = refusal is not None and refusal.kind == "request-changed"
    facts["seen"] = request.form.get("seen", type=int) if is_late else None
    return form_page("admin-requests.html", lang, path, sent.get("message", text), refusal, **facts)


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
    facts = {"me": me, "filters": filters, "wrong": wrong, "page": page, "names": _names(page.entries)}
    return personal("admin-audit.html", lang, "admin/audit", 422 if wrong else 200, **facts)


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """What people are called who have an account; their ids where they have no name."""
    parties = [party for entry in entries for party in (entry.who, entry.whom) if party]
    ids = sorted({party.account_id for party in parties if party.account_id})
    return {account_id: shown_name(name or account_id) for account_id, name in names(state().client, ids).items()}
