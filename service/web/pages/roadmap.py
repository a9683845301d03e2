"""The roadmap: what is coming, by stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.registry.model import Module, ModuleState, Registry
from service.web.pages.page import Page
from service.web.pages.site import Site

#: What is nearest comes first; the empty one is for modules that name no stage.
STAGES = ("building", "planned", "considering", "")


def _facts(registry: Registry, site: Site, lang: str) -> Mapping[str, Any]:
    stages: dict[str, list[Module]] = {stage: [] for stage in STAGES}
    for module in registry.modules:
        if module.state is ModuleState.COMING_SOON:
            stages[module.stage or ""].append(module)
    return {
        "by_slug": registry.by_slug,
        "stages": {stage: modules for stage, modules in stages.items() if modules},
    }


PAGE = Page("roadmap", "roadmap.html", _facts)
