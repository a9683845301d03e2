"""Modules: the page of all of them, the roadmap, and the page of each, with a vote without JavaScript."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.exceptions import BadRequest, NotFound

from service.interest import own, store
from service.interest.reason import LONGEST
from service.problems import UnknownFeature, UnknownModule
from service.registry.model import Module, ModuleState, Registry
from service.web import vote_intent
from service.web.admission import takes_body
from service.web.documents import ending_headers, moved, respond
from service.web.pages import graph
from service.web.pages.blueprint import LANG, Refusal, add_query, kept, lead_on, lead_to, own_address, pages, personal
from service.web.pages.forms import LARGEST_BODY, attempt
from service.web.pages.person import person
from service.web.protection import Headers
from service.web.request_data import query
from service.web.session import caller, hinted
from service.web.state import state

_MODULE = f"{LANG}/modules/<slug>"
_VOTE = f"{_MODULE}/vote"
_REASON = f"{_VOTE}/reason"

#: How states are put in order, on the page: what works, what can be asked for, what is to come.
ORDER = (
    ModuleState.ACTIVE,
    ModuleState.ALPHA_UNAVAILABLE,
    ModuleState.ON_DEMAND,
    ModuleState.META,
    ModuleState.COMING_SOON,
)
#: What is nearest comes first; the empty one is for modules that name no stage.
STAGES = ("building", "planned", "considering", "")


def facts(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the page of all modules says of a registry."""
    states = Counter(module.state.bucket for module in registry.modules)
    # A frozen module is presented as active (product documentation).
    states["active"] += states["alpha_unavailable"]
    ordered = sorted(registry.modules, key=lambda module: ORDER.index(module.state))
    return {
        "by_slug": registry.by_slug,
        "groups": graph.grouped(ordered, graph.CATEGORIES, "category"),
        "states": [(state.bucket, states[state.bucket]) for state in ORDER if states[state.bucket]],
    }


def roadmap(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the roadmap says of it."""
    coming = [module for module in registry.modules if module.state is ModuleState.COMING_SOON]
    return {"by_slug": registry.by_slug, "stages": graph.grouped(coming, STAGES, "stage")}


@pages.get(f"{LANG}/modules")
def owned(lang: str) -> Response:
    """The modules of the owner that the query names. Raises NotFound where there is none."""
    registry, owner = state().in_force.registry, query().get("owner")
    modules = [each for each in registry.modules if owner and each.owner == owner]
    if not modules:
        raise NotFound
    path = f"modules?{urlencode({'owner': owner})}"
    return personal("owned.html", lang, "modules", switch=path, owner=owner, modules=modules)


@pages.get(f"{LANG}/graph/<slug>/<int(min=1, max={graph.MOST_STEPS}):steps>")
def near(lang: str, slug: str, steps: int) -> Response:
    """Show the graph of a module and its neighbours up to `steps` away.

    A former slug redirects to the graph of its module, with the same filters.

    Raises:
        UnknownModule: no module has or had this slug.
    """
    in_force = state().in_force
    registry, path = in_force.registry, f"graph/{slug}/{steps}"
    shown = current(slug, registry)
    if shown.slug != slug:
        return _redirect_for_good(add_query(f"/{lang}/graph/{shown.slug}/{steps}"))
    facts = graph.near(registry, slug, steps, lang)
    return kept(in_force, "graph.html", lang, path, languages=(), more=_ending(shown, lang), **facts)


@pages.get(_MODULE)
def module(lang: str, slug: str) -> Response:
    """Show the page of a module.

    A former slug redirects to the page of its module. A removed module has a page that
    states why it was removed.

    Raises:
        UnknownModule: no module has or had this slug.
    """
    in_force = state().in_force
    registry, path = in_force.registry, f"modules/{slug}"
    if removed := registry.tombstones.get(slug):
        instead = registry.by_slug.get(removed.use or "")
        return kept(in_force, "gone.html", lang, path, status="410 Gone", removed=removed, instead=instead)
    shown = current(slug, registry)
    if shown.slug != slug:
        return _redirect_for_good(f"/{lang}/modules/{shown.slug}")
    return kept(in_force, "module.html", lang, path, more=_ending(shown, lang), **facts_of(registry, shown, lang))


def _redirect_for_good(location: str) -> Response:
    site = state().site
    return respond(moved(location, site.cache_control, site.assets.protection, shared=()))


def _ending(module: Module, lang: str) -> Headers:
    return ending_headers(module.deprecated, f"/{lang}/modules/") if module.deprecated else ()


def current(slug: str, registry: Registry) -> Module:
    """The module that has a slug, or had it once. Raises UnknownModule."""
    shown = registry.find(slug)
    if shown is None:
        raise UnknownModule.of(slug, registry.by_slug)
    return shown


def facts_of(registry: Registry, shown: Module, lang: str) -> dict[str, Any]:
    """What the page says of a module beyond its entry."""
    return {
        "module": shown,
        "drawing": graph.around(registry, shown.slug, lang),
        "feeders": {name: registry.by_artifact["produces"].get(name, []) for name in shown.needs},
        "eaters": {name: registry.by_artifact["needs"].get(name, []) for name in shown.produces},
        "by_slug": registry.by_slug,
        "sharing": len(registry.buckets["multi_proxy"]) - 1,
    }


@pages.get(_VOTE)
@pages.get(_REASON)  # of which a page is the answer to a form, and may be loaded anew
def show_vote(lang: str, slug: str) -> Response:
    """The caller's vote for a module, and the button that changes it, or that leads who is signed out to sign in."""
    registry = state().in_force.registry
    module = _votable(slug, registry)
    return _vote(lang, module) if module.slug == slug else lead_to(f"/{lang}/modules/{module.slug}/vote")


def _vote(lang: str, module: Module, text: str = "", refusal: Refusal | None = None) -> Response:
    client, registry, me = state().client, state().in_force.registry, person()
    facts: dict[str, Any] = {"module": module, "by_slug": registry.by_slug, "me": me, "longest_reason": LONGEST}
    if me is not None:
        interest = store.read(client, me.caller, registry)
        facts |= {"count": interest.counts[module.slug], "voted": module.slug in interest.voted}
        text = text if refusal else own.reason(client, me.caller, module.slug, registry)
    return personal("vote.html", lang, f"modules/{module.slug}/vote", refusal=refusal, text=text, **facts)


def _votable(slug: str, registry: Registry) -> Module:
    """The module of a slug, which can be voted for. Raises UnknownModule, UnknownFeature."""
    module = current(slug, registry)
    if module.slug not in registry.allowed_features:
        raise UnknownFeature(f"{slug!r} is not a feature that can be voted for.")
    return module


@pages.post(_VOTE)
def cast_vote(lang: str, slug: str) -> Response:
    """Record a vote or take it back, as ?wanted=yes or no says, and show what came of it.

    Who is signed out signs in to vote, and comes back to `next`, or else to the page of the vote.
    """
    fields = query()
    wanted, back = fields.get("wanted"), own_address(fields.get("next", ""))
    change = {"yes": store.vote, "no": store.retract}.get(wanted or "")
    if change is None:
        raise BadRequest("What is wanted must be said: ?wanted=yes or ?wanted=no.")
    if wanted == "yes" and person() is None:
        feature = _votable(slug, state().in_force.registry).slug
        back = back or f"/{lang}/modules/{feature}/vote"
        response = lead_to(f"/{lang}/sign-in?{urlencode({'next': back})}", 303)
        vote_intent.keep(response, feature, back)  # what was pressed, which the page of the ways in says
        return response
    change(state().client, caller(), slug, state().in_force.registry, limit=state().vote_limit)
    return hinted(lead_to(f"{back}#{slug}" if back else f"/{lang}/modules/{slug}/vote", 303))


@pages.post(_REASON)
@takes_body(LARGEST_BODY)
def say_why(lang: str, slug: str) -> Response:
    """Keep why the caller has voted for a module, as a form says."""
    client, registry, text = state().client, state().in_force.registry, request.form.get("reason", "")
    refused = attempt(lambda: store.explain(client, caller(), slug, text, registry, limit=state().vote_limit))
    module = _votable(slug, registry)
    return _vote(lang, module, text, refused) if refused else lead_on(lang, f"modules/{module.slug}/vote", "said")
