"""The graph as pages show it: all of it on its own page, drawn and as a list, and on a module's page what is around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.registry.graph import by_artifact
from service.registry.layout import Node, layout, neighbourhood
from service.registry.model import Module, ModuleState, Registry
from service.web.pages.drawing import CATEGORIES, Drawing, category_mark, drawing, state_mark


def facts(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the page of the graph says of a registry."""
    # Of those that feed nothing, the modules of a category are below each other.
    ordered = sorted(registry.modules, key=lambda module: CATEGORIES.index(module.category))
    laid_out = layout([Node(module.slug, module.needs, module.produces) for module in ordered])
    if laid_out is None:
        return {"drawing": None}
    linked = [module for module in registry.modules if module.needs or module.produces]
    states = {module.state for module in linked}
    categories = {module.category for module in linked}
    return {
        "drawing": drawing(laid_out, registry.by_slug, f"/{lang}", lang),
        "states": [(state.bucket, state_mark(state)) for state in ModuleState if state in states],
        "categories": [(each, category_mark(each)) for each in CATEGORIES if each in categories],
        "artifacts": _artifacts(registry),
        "alone": [module for module in registry.modules if not (module.needs or module.produces)],
    }


def _artifacts(registry: Registry) -> list[tuple[str, list[Module], list[Module]]]:
    """Each artifact by its name, with the modules that produce it and those that need it."""
    producers = by_artifact({module: module.produces for module in registry.modules})
    consumers = by_artifact({module: module.needs for module in registry.modules})
    return [(name, producers.get(name, []), consumers.get(name, [])) for name in sorted({*producers, *consumers})]


def around(registry: Registry, slug: str, lang: str) -> Drawing | None:
    """What feeds a module of the registry, and what it feeds. None where that is nothing, or too much."""
    laid_out = layout(neighbourhood(registry, slug))
    if laid_out is None or not laid_out.boxes:
        return None
    return drawing(laid_out, registry.by_slug, f"/{lang}", lang, here=slug)
