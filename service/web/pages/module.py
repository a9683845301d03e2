"""The page of one module: everything about it, what feeds it, and what it feeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response

from service.problems import UnknownModule
from service.registry.model import Module, Registry
from service.web.documents import respond
from service.web.pages import graph
from service.web.pages.blueprint import LANG, kept, pages
from service.web.state import state


@pages.get(f"{LANG}/modules/<slug>")
def module(lang: str, slug: str) -> Response:
    """A module's page, by its slug; a former slug leads to it, and one that is gone has a page that says so."""
    here = state().in_force
    if removed := here.registry.tombstones.get(slug):
        instead = here.registry.by_slug.get(removed.use or "")
        return kept(here, "gone.html", lang, f"modules/{slug}", "410 Gone", removed=removed, instead=instead)
    shown = current(slug, here.registry)
    if shown.slug != slug:
        return respond(state().site.moved(f"/{lang}/modules/{shown.slug}"))
    drawing = graph.around(here.registry, slug, state().site, lang)
    return kept(here, "module.html", lang, f"modules/{slug}", drawing=drawing, **facts(here.registry, shown))


def current(slug: str, registry: Registry) -> Module:
    """The module that has a slug, or had it once. Raises UnknownModule."""
    shown = registry.find(slug)
    if shown is None:
        raise UnknownModule.of(slug)
    return shown


def facts(registry: Registry, shown: Module) -> dict[str, Any]:
    """What the page says of a module beyond its entry."""
    return {
        "module": shown,
        "feeders": _by_artifact(shown.needs, registry, "produces"),
        "eaters": _by_artifact(shown.produces, registry, "needs"),
        "instead": registry.by_slug.get((shown.deprecated and shown.deprecated.use) or ""),
        "sharing": len(registry.buckets["multi_proxy"]) - 1,
    }


def _by_artifact(artifacts: Iterable[str], registry: Registry, field: str) -> dict[str, list[Module]]:
    """The modules that have each artifact in a field."""
    return {one: [each for each in registry.modules if one in getattr(each, field)] for one in artifacts}
