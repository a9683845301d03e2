"""Activation requests: for those who ask the form, their threads, and each with its answers; for admins what waits, and
the desk at which they answer and decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from service.feedback import queue, store
from service.feedback.model import Page, Status, Thread, followed
from service.feedback.queue import Counts
from service.problems import StorageUnavailable
from service.registry.model import Module, ModuleState
from service.web.admission import admins, takes_body
from service.web.pages.blueprint import LANG, Refusal, lead_on, lead_to, pages, personal
from service.web.pages.forms import LARGEST_BODY, Filters, attempt
from service.web.pages.modules import current
from service.web.pages.person import Person, for_admins, for_members
from service.web.request_data import query
from service.web.session import actor, caller
from service.web.state import state

_FORM = f"{LANG}/modules/<slug>/request"
_THREAD = f"{LANG}/requests/<thread_id>"
_DESK = f"{LANG}/admin/requests"
_OF_DESK = f"{_DESK}/<thread_id>"

#: What the desk's list can be narrowed to.
_FILTERS = ("status", "module", "text", "who")

#: How many of the threads that wait the first page of the dashboard names.
_MOST_NAMED = 5


@pages.get(_FORM)
def show_form(lang: str, slug: str) -> Response:
    """The form to ask for a module, or the caller's open request for it. There is none where nothing is on demand."""
    module = current(slug, state().in_force.registry)
    if module.slug != slug:
        return lead_to(f"/{lang}/modules/{module.slug}/request")
    if module.state is not ModuleState.ON_DEMAND:
        return lead_to(f"/{lang}/modules/{slug}")
    return _form(lang, module)


@pages.post(_FORM)
@takes_body(LARGEST_BODY)
def ask(lang: str, slug: str) -> Response:
    """Open a request, or go on with the one that is open, and show it."""
    app = state()
    registry, text, limit = app.in_force.registry, request.form.get("message", ""), app.feedback_limit
    module = current(slug, registry)
    asked = attempt(lambda: store.open_thread(app.client, caller(), module.slug, text, registry, limit=limit))
    if isinstance(asked, Refusal):
        return _form(lang, module, text, asked)
    return lead_on(lang, f"requests/{asked[0].id}", "sent", "#latest")


@for_members
def _form(me: Person, lang: str, module: Module, text: str = "", refusal: Refusal | None = None) -> Response:
    app = state()
    if refusal is None and (thread_id := store.open_with(app.client, me.caller, module, app.in_force.registry)):
        return lead_to(f"/{lang}/requests/{thread_id}")
    path = f"modules/{module.slug}/request"
    return personal("request.html", lang, path, refusal=refusal, text=text, module=module, me=me)


@pages.get(f"{LANG}/requests")
@for_members
def show_own(me: Person, lang: str) -> Response:
    """The caller's threads, newest activity first."""
    registry, filters = state().in_force.registry, Filters.asked("status")
    page = store.own_threads(state().client, me.caller, registry, **filters.said)
    facts: dict[str, Any] = {"page": page, "filters": filters, "statuses": list(Status), "modules": registry.by_slug}
    return personal("requests.html", lang, "requests", me=me, **facts)


@pages.post(_THREAD)
@takes_body(LARGEST_BODY)
def say(lang: str, thread_id: str) -> Response:
    """Say something in a thread, or mark it as read."""
    app = state()
    if request.form.get("do") == "read":
        store.mark_read(app.client, caller(), thread_id)
        return lead_to(f"/{lang}/requests/{thread_id}", 303)
    text, registry, limit = request.form.get("message", ""), app.in_force.registry, app.feedback_limit
    said = attempt(lambda: store.add_message(app.client, thread_id, text, registry, by=actor(), limit=limit))
    if isinstance(said, Refusal):
        return show_thread(lang, thread_id, text, said)
    return lead_on(lang, f"requests/{thread_id}", "sent", "#latest")


@pages.get(_THREAD)
@for_members
def show_thread(me: Person, lang: str, thread_id: str, text: str = "", refusal: Refusal | None = None) -> Response:
    """One of the caller's threads. Admins read those of others on a page of theirs."""
    registry, path = state().in_force.registry, f"requests/{thread_id}"
    thread, modules = store.thread(state().client, me.caller, thread_id, registry), registry.by_slug
    if thread.account.id != me.caller.id and refusal is None:
        return lead_to(f"/{lang}/admin/{path}")
    return personal("thread.html", lang, path, refusal=refusal, text=text, me=me, thread=thread, modules=modules)


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
    modules = state().in_force.registry.by_slug
    return personal("admin.html", lang, "admin/", me=me, desk=desk, waiting=waiting[:_MOST_NAMED], modules=modules)


@pages.post(_OF_DESK)
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


@pages.get(_DESK)
@pages.get(_OF_DESK)
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
    texts = {str(number): answer.text for number, answer in enumerate(answers, 1)}
    taken = texts.get(query().get("take", ""), "")  # by its number, as the page without scripts asks for it
    path = request.path.removeprefix(f"/{lang}/")
    facts: dict[str, Any] = {"me": me, "desk": desk, "filters": desk.filters, "is_chosen": thread_id is not None}
    facts |= {"thread": thread, "answers": answers, "before": before, "after": after, "modules": registry.by_slug}
    facts |= {"answered": sent.get("answered"), "was": sent.get("was"), "chosen": sent.get("status")}
    # Of messages above this many, an admin who was not the first is told that they are new.
    is_late = refusal is not None and refusal.kind == "request-changed"
    facts["seen"] = request.form.get("seen", type=int) if is_late else None
    facts["text"] = sent.get("message", "" if refusal else taken)
    return personal("admin-requests.html", lang, path, refusal=refusal, **facts)
