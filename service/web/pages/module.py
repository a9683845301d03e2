"""The page of one module: everything about it, and what feeds it and what it feeds."""

from __future__ import annotations

from flask import Response

from service.problems import UnknownModule
from service.web.pages.blueprint import LANG, kept, pages
from service.web.pages.redirects import found
from service.web.state import state


@pages.get(f"{LANG}/modules/<slug>")
def module(lang: str, slug: str) -> Response:
    """A module's page, by its slug; a former slug leads to it."""
    registry = state().in_force.registry
    shown = registry.by_slug.get(slug)
    if shown is None:
        now = next((each.slug for each in registry.modules if slug in each.formerly), None)
        if now is None:
            raise UnknownModule(f"No module has the slug {slug!r}.")
        return found(f"/{lang}/modules/{now}")
    return kept("module.html", lang, f"modules/{slug}", module=shown)
