"""Activation requests for those who ask: the form, their threads, and each with its answers."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.feedback import store
from service.feedback.model import Thread
from service.registry.model import Module, ModuleState
from service.web.actor import actor
from service.web.admission import takes_body
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.done import done, lead_on
from service.web.pages.forms import LARGEST_BODY, Refusal, attempt, form_page, read_form
from service.web.pages.module import current
from service.web.pages.person import Person, person
from service.web.pages.redirects import found, to_sign_in
from service.web.query import query
from service.web.session import caller
from service.web.state import state

_FORM = f"{LANG}/modules/<slug>/request"
_THREAD = f"{LANG}/requests/<thread_id>"


@pages.get(_FORM)
def show_form(lang: str, slug: str) -> Response:
    """The form to ask for a module, or the caller's open request for it. There is none where nothing is on demand."""
    here = state()
    module = current(slug, here.in_force.registry)
    if module.slug != slug:
        return found(f"/{lang}/modules/{module.slug}/request")
    if module.state is not ModuleState.ON_DEMAND:
        return found(f"/{lang}/modules/{slug}")
    me = person()
    if me is None:
        return to_sign_in(lang)
    thread_id = store.open_with(here.client, me.caller, module)
    return found(f"/{lang}/requests/{thread_id}") if thread_id else _form(lang, module, me)


@pages.post(_FORM)
@takes_body(LARGEST_BODY)
def ask(lang: str, slug: str) -> Response:
    """Open a request, or go on with the one that is open, and show it."""
    here = state()
    registry = here.in_force.registry
    module, text = current(slug, registry), read_form().get("message", "")
    limit = here.feedback_limit
    asked = attempt(lambda: store.open_thread(here.client, caller(), module.slug, text, registry, limit=limit))
    if isinstance(asked, Refusal):
        return _form(lang, module, person(), text, asked)
    return lead_on(lang, f"requests/{asked[0].id}", "sent", "#latest")


def _form(lang: str, module: Module, me: Person | None, text: str = "", refusal: Refusal | None = None) -> Response:
    path = f"modules/{module.slug}/request"
    return form_page("request.html", lang, path, text, refusal, module=module, me=me)


@pages.get(f"{LANG}/requests")
def show_own(lang: str) -> Response:
    """The caller's threads, newest activity first."""
    here, me, cursor = state(), person(), query().get("cursor")
    if me is None:
        return to_sign_in(lang)
    registry = here.in_force.registry
    page = store.own_threads(here.client, me.caller, registry, cursor=cursor)
    facts: dict[str, Any] = {"page": page, "is_first": cursor is None, "modules": registry.by_slug}
    return personal("requests.html", lang, "requests", languages=(), me=me, **facts)


@pages.get(_THREAD)
def show_thread(lang: str, thread_id: str) -> Response:
    """One of the caller's threads. Admins read those of others on a page of theirs."""
    here, me = state(), person()
    if me is None:
        return to_sign_in(lang)
    thread = store.thread(here.client, me.caller, thread_id, here.in_force.registry)
    if thread.account.id != me.caller.id:
        return found(f"/{lang}/admin/requests/{thread_id}")
    return _thread(lang, thread, me)


@pages.post(_THREAD)
@takes_body(LARGEST_BODY)
def say(lang: str, thread_id: str) -> Response:
    """Say something in a thread, or mark it as read."""
    here, sent = state(), read_form()
    if sent.get("do") == "read":
        store.mark_read(here.client, caller(), thread_id)
        return found(f"/{lang}/requests/{thread_id}", 303)
    text, registry, limit = sent.get("message", ""), here.in_force.registry, here.feedback_limit
    said = attempt(lambda: store.add_message(here.client, thread_id, text, registry, by=actor(), limit=limit))
    if not isinstance(said, Refusal):
        return lead_on(lang, f"requests/{thread_id}", "sent", "#latest")
    me = person()
    if me is None:
        return to_sign_in(lang)
    return _thread(lang, store.thread(here.client, me.caller, thread_id, registry), me, text, said)


def _thread(lang: str, thread: Thread, me: Person, text: str = "", refusal: Refusal | None = None) -> Response:
    path = f"requests/{thread.id}"
    return form_page(
        "thread.html",
        lang,
        path,
        text,
        refusal,
        me=me,
        thread=thread,
        module=state().in_force.registry.by_slug.get(thread.module),
        done=None if refusal else done(path),
    )
