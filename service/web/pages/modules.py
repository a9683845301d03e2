"""The page of all modules, a tile each, grouped by category; and the roadmap, what is coming, by stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from service.registry.model import Module, ModuleState, Registry
from service.registry.schema import module_fields

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
    by_category: dict[str, list[Module]] = {category: [] for category in module_fields()["category"]["enum"]}
    for module in sorted(registry.modules, key=lambda module: ORDER.index(module.state)):
        by_category[module.category].append(module)
    return {
        "by_slug": registry.by_slug,
        "groups": {category: modules for category, modules in by_category.items() if modules},
        "states": [(state.bucket, states[state.bucket]) for state in ORDER if states[state.bucket]],
    }


def roadmap(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the roadmap says of it."""
    stages: dict[str, list[Module]] = {stage: [] for stage in STAGES}
    for module in registry.modules:
        if module.state is ModuleState.COMING_SOON:
            stages[module.stage or ""].append(module)
    return {"by_slug": registry.by_slug, "stages": {stage: modules for stage, modules in stages.items() if modules}}
