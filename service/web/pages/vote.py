"""Voting without JavaScript: what one has said of a feature, and a form to change it."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask import Response
from werkzeug.exceptions import BadRequest

from service.interest import store
from service.problems import UnknownFeature
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.module import current
from service.web.pages.person import person
from service.web.pages.redirects import found, to_sign_in
from service.web.query import query
from service.web.session import caller
from service.web.state import state

_RULE = f"{LANG}/modules/<slug>/vote"


@pages.get(_RULE)
def show_vote(lang: str, slug: str) -> Response:
    """The caller's vote for a module, and the button that changes it. Who is signed out is sent to sign in first."""
    here = state()
    registry = here.in_force.registry
    module = current(slug, registry)
    if module.slug not in registry.allowed_features:
        raise UnknownFeature(f"{slug!r} is not a feature that can be voted for.")
    if module.slug != slug:
        return found(f"/{lang}/modules/{module.slug}/vote")
    me = person()
    if me is None:
        return to_sign_in(lang)
    interest = store.read(here.client, me.caller, registry)
    count = interest.counts[module.slug]
    return personal(
        "vote.html",
        lang,
        f"modules/{slug}/vote",
        languages=(),
        module=module,
        voted=module.slug in interest.voted,
        count=count,
        written=format_decimal(count, locale=lang),
        me=me,
        instead=registry.by_slug.get((module.deprecated and module.deprecated.use) or ""),
    )


@pages.post(_RULE)
def cast_vote(lang: str, slug: str) -> Response:
    """Record a vote or take it back, as ?wanted=yes or no says, and show what came of it."""
    here = state()
    change = {"yes": store.vote, "no": store.retract}.get(query().get("wanted", ""))
    if change is None:
        raise BadRequest("What is wanted must be said: ?wanted=yes or ?wanted=no.")
    change(here.client, caller(), slug, here.in_force.registry, limit=here.vote_limit)
    return found(f"/{lang}/modules/{slug}/vote", 303)
