"""The page of all modules: a tile each, grouped by category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from service.registry.model import Module, ModuleState, Registry
from service.registry.schema import module_fields
from service.web.pages.page import Page
from service.web.pages.site import Site

#: How states are put in order, on the page: what works, what can be asked for, what is to come.
ORDER = (
    ModuleState.ACTIVE,
    ModuleState.ALPHA_UNAVAILABLE,
    ModuleState.ON_DEMAND,
    ModuleState.META,
    ModuleState.COMING_SOON,
)
_RANKS = {state: rank for rank, state in enumerate(ORDER)}


def _facts(registry: Registry, site: Site, lang: str) -> Mapping[str, Any]:
    states = Counter(module.state.bucket for module in registry.modules)
    # A frozen module is presented as active (product documentation).
    states["active"] += states["alpha_unavailable"]
    by_category: dict[str, list[Module]] = {category: [] for category in module_fields()["category"]["enum"]}
    for module in sorted(registry.modules, key=lambda module: _RANKS[module.state]):
        by_category[module.category].append(module)
    return {
        "by_slug": registry.by_slug,
        "groups": {category: modules for category, modules in by_category.items() if modules},
        "states": [(state.bucket, states[state.bucket]) for state in ORDER if states[state.bucket]],
    }


PAGE = Page("", "modules.html", _facts)
