"""The page on which modules are picked for a pipeline: their order, what queues, what is missing, and what cannot be.

It is a form that is sent by GET, so that a plan has an address. It is made at each request: a document that was kept
would be found by its path, whatever the query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from werkzeug.exceptions import RequestURITooLarge

from service.problems import InvalidField, UnknownModules
from service.registry.model import Registry
from service.registry.plan import MOST_MODULES, Plan, can_run, plan
from service.web.documents import respond
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.graph import CATEGORIES, grouped
from service.web.query import listed
from service.web.state import state

#: The path below /{lang}/.
PATH = "pipelines"

#: Modules that have a box each to be picked by; where there are more, slugs are typed.
MOST_OFFERED = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query asks for: a plan of the modules that it names, and names that are none, with what was meant."""

    plan: Plan | None = None
    unknown: Mapping[str, str | None] | None = None
    too_many: bool = False

    @property
    def slugs(self) -> list[str]:
        """The modules that it names, as they are called now."""
        return [*self.plan.order, *(each.slug for each in self.plan.excluded)] if self.plan else []


@pages.get(f"{LANG}/{PATH}")
def pipelines(lang: str) -> Response:
    """Modules to pick, and the plan of those that the query names."""
    registry = state().in_force.registry
    asked = _asked(registry)
    facts = _facts(registry, asked)
    if asked.unknown or asked.too_many:
        return personal("pipelines.html", lang, PATH, 422, **facts)
    return respond(state().site.document("pipelines.html", lang, PATH, **facts))


def _asked(registry: Registry) -> Asked:
    try:
        names = listed("modules")
        return Asked(plan(registry, names)) if names else Asked()
    except (InvalidField, RequestURITooLarge):
        return Asked(too_many=True)
    except UnknownModules as error:
        known = [name for name in names if name not in error.suggestions]
        return Asked(plan(registry, known) if known else None, error.suggestions)


def _facts(registry: Registry, asked: Asked) -> dict[str, Any]:
    chosen = set(asked.slugs)
    offered = [module for module in registry.modules if module.slug in chosen or can_run(module)]
    return {
        "asked": asked,
        "modules": registry.by_slug,
        "groups": grouped(offered, CATEGORIES, "category") if len(offered) <= MOST_OFFERED else None,
        "is_anything_offered": bool(offered),
        "most": MOST_MODULES,
        "switch": f"{PATH}?modules={','.join(asked.slugs)}" if chosen else PATH,
    }
