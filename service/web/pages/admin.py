"""The dashboard of admins: what waits, and the requests of all members, to answer and to decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response

from service.accounts.sessions import check_is_admin
from service.feedback import queue, store
from service.feedback.model import Page, Status, Thread, followed
from service.feedback.queue import Counts
from service.problems import StorageUnavailable
from service.web.actor import actor
from service.web.admission import admins, takes_body
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.done import done, lead_on
from service.web.pages.forms import LARGEST_BODY, Refusal, attempt, form_page, read_form
from service.web.pages.person import Person, person
from service.web.pages.redirects import to_sign_in
from service.web.query import query
from service.web.session import caller
from service.web.state import state

_LIST = f"{LANG}/admin/requests"
_THREAD = f"{_LIST}/<thread_id>"

#: How many of the threads that wait the first page of the dashboard names.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Filters:
    """Which threads are listed, as the address says."""

    status: str | None = None
    module: str | None = None
    cursor: str | None = None

    @classmethod
    def asked(cls) -> Filters:
        """Those of the request at hand."""
        fields = query()
        return cls(fields.get("status"), fields.get("module"), fields.get("cursor"))

    def query(self, cursor: str | None = None) -> str:
        """The query of an address with these filters, from a cursor on, with its question mark; nothing without any."""
        fields = {"status": self.status, "module": self.module, "cursor": cursor or self.cursor}
        given = {name: value for name, value in fields.items() if value}
        return f"?{urlencode(given)}" if given else ""

    def to(self, **changed: str | None) -> str:
        """The query of the list from its beginning, with other filters."""
        return replace(self, cursor=None, **changed).query()


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
        if filters.module:
            filters = replace(filters, module=followed(filters.module, registry)[0])
        page = queue.threads(
            client, me.caller, registry, status=filters.status, module=filters.module, cursor=filters.cursor
        )
        return cls(filters, page, queue.counts(client, me.caller, registry))

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """Each status, and how many threads of the chosen module have it."""
        module = self.filters.module
        by_status = self.counts.by_module.get(module, {}) if module else self.counts.by_status
        return [(status, by_status.get(status, 0)) for status in Status]

    @property
    def modules(self) -> list[tuple[str, int]]:
        """Each module that has threads, and how many of the chosen status; most first."""
        chosen = [status for status in Status if self.filters.status in (None, status)]
        found = [(slug, sum(by[status] for status in chosen)) for slug, by in self.counts.by_module.items()]
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def neighbours(self, thread_id: str) -> tuple[Thread | None, Thread | None]:
        """The threads before and after one. After one that has been dealt with comes the first that waits."""
        listed = self.page.threads
        at = next((at for at, thread in enumerate(listed) if thread.id == thread_id), -1)
        before = listed[at - 1] if at > 0 else None
        waiting = next((thread for thread in listed if thread.unread), None)
        if waiting and not (at >= 0 and listed[at].unread):
            return before, waiting
        return before, listed[at + 1] if at + 1 < len(listed) else None


def admin() -> Person | None:
    """The admin who is signed in; None where nobody is. Raises AccountNotActive, NotAnAdmin, StorageUnavailable."""
    me = person()
    if me is not None:
        check_is_admin(me.status, me.role)
    return me


@pages.get(f"{LANG}/admin/")
def dashboard(lang: str) -> Response:
    """What waits."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    desk = Desk.of(me, Filters())
    waiting = [thread for thread in desk.page.threads if thread.unread][:_MOST_NAMED]
    modules = state().in_force.registry.by_slug
    return personal("admin.html", lang, "admin/", languages=(), me=me, desk=desk, waiting=waiting, modules=modules)


@pages.get(_LIST)
@pages.get(_THREAD)
def show_requests(lang: str, thread_id: str | None = None) -> Response:
    """The list, and one thread of it: by default the first."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    return _desk(lang, me, thread_id)


@pages.post(_THREAD)
@takes_body(LARGEST_BODY, of=admins)
def act(lang: str, thread_id: str) -> Response:
    """Answer in a thread, change its status, or both; or mark it as read."""
    sent, filters = read_form(), Filters.asked()
    sent.pop("answered", None)  # which is for `_act` to say
    what = attempt(lambda: _act(thread_id, sent))
    if isinstance(what, Refusal):
        return _again(lang, thread_id, sent, what)
    return lead_on(lang, f"admin/requests/{thread_id}", what, f"{filters.query()}#thread")


def _act(thread_id: str, sent: dict[str, str]) -> str:
    """Do what a form says, as long as nobody else has done something in the thread since the page was made.

    Returns what was done. A message that was sent is taken out of `sent`, so that none is sent twice; its
    `answered` says so where the status is refused after it.
    """
    here = state()
    registry = here.in_force.registry
    if sent.get("do") == "read":
        store.mark_read(here.client, caller(), thread_id)
        return "read"
    text, etag = sent.get("message", ""), sent.get("etag", "")
    becomes = sent.get("status") if sent.get("status") != sent.get("was") else None
    if text.strip() or becomes is None:
        limit = here.feedback_limit  # of what one says in a request of one's own
        thread = store.add_message(here.client, thread_id, text, registry, by=actor(), etags=[etag], limit=limit)
        sent["message"], sent["answered"], etag = "", "yes", thread.etag
        if becomes in (None, thread.status):
            return "answered"
    store.change_status(here.client, thread_id, becomes, [etag], registry, by=actor())
    return "answered" if text.strip() else "changed"


def _again(lang: str, thread_id: str, sent: dict[str, str], refusal: Refusal) -> Response:
    me = admin()
    return to_sign_in(lang) if me is None else _desk(lang, me, thread_id, sent, refusal)


def _desk(
    lang: str, me: Person, thread_id: str | None, sent: dict[str, str] | None = None, refusal: Refusal | None = None
) -> Response:
    here, filters, sent = state(), Filters.asked(), sent or {}
    desk = Desk.of(me, filters)
    shown = thread_id or next((thread.id for thread in desk.page.threads), "")
    try:
        thread = store.thread(here.client, me.caller, shown, here.in_force.registry) if shown else None
    except StorageUnavailable:  # which is in the log; a damaged one that nobody has asked for keeps no other from view
        if thread_id:
            raise
        thread = None
    before, after = desk.neighbours(thread.id) if thread else (None, None)
    path = f"admin/requests/{thread_id}" if thread_id else "admin/requests"
    return form_page(
        "admin-requests.html",
        lang,
        path,
        sent.get("message", ""),
        refusal,
        switch=f"{path}{filters.query()}",
        me=me,
        desk=desk,
        modules=here.in_force.registry.by_slug,
        thread=thread,
        is_chosen=thread_id is not None,
        before=before,
        after=after,
        done=None if refusal else done(path),
        answered="answered" in sent,
        was=sent.get("was"),
        chosen=sent.get("status"),
        # Of messages above this many, an admin who was not the first is told that they are new.
        seen=_number(sent.get("seen")) if refusal and refusal.kind == "request-changed" else None,
    )


def _number(text: str | None) -> int | None:
    """The number of messages that a form says were seen."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else None
