"""Activation requests for those who ask: the form, their threads, and each with its answers."""

from __future__ import annotations

from flask import Response, request

from service.feedback import store
from service.feedback.model import Status
from service.registry.model import Module, ModuleState
from service.web.admission import takes_body
from service.web.pages.blueprint import LANG, lead_to, pages, personal
from service.web.pages.forms import LARGEST_BODY, Filters, Refusal, attempt, form_page, lead_on
from service.web.pages.modules import current
from service.web.pages.person import Person, for_members
from service.web.session import actor, caller
from service.web.state import state

_FORM = f"{LANG}/modules/<slug>/request"
_THREAD = f"{LANG}/requests/<thread_id>"


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
    if refusal is None and (thread_id := store.open_with(state().client, me.caller, module)):
        return lead_to(f"/{lang}/requests/{thread_id}")
    return form_page("request.html", lang, f"modules/{module.slug}/request", text, refusal, module=module, me=me)


@pages.get(f"{LANG}/requests")
@for_members
def show_own(me: Person, lang: str) -> Response:
    """The caller's threads, newest activity first."""
    filters = Filters.asked("status")
    page = store.own_threads(state().client, me.caller, state().in_force.registry, **filters.said)
    return personal("requests.html", lang, "requests", me=me, page=page, filters=filters, statuses=list(Status))


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
    registry = state().in_force.registry
    thread, path = store.thread(state().client, me.caller, thread_id, registry), f"requests/{thread_id}"
    if thread.account.id != me.caller.id and refusal is None:
        return lead_to(f"/{lang}/admin/{path}")
    facts = {"me": me, "thread": thread, "module": registry.by_slug.get(thread.module)}
    return form_page("thread.html", lang, path, text, refusal, **facts)
