"""The page on which modules are picked for a pipeline: their order, what queues, what is missing, and what cannot be.

It is a form that is sent by GET, so that a plan has an address. It is made at each request: a document that was kept
would be found by its path, whatever the query.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from werkzeug.exceptions import RequestURITooLarge

from service.problems import InvalidField, UnknownModules
from service.registry.model import Registry
from service.registry.plan import MOST_MODULES, Plan, can_run, plan
from service.web.documents import respond
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.graph import CATEGORIES, grouped
from service.web.request_data import listed
from service.web.state import state

#: The path below /{lang}/.
PATH = "pipelines"

#: Of so many modules each box is seen at once; where there are more, whoever picks opens a category, or searches.
MOST_OPEN = 100


@pages.get(f"{LANG}/{PATH}")
def pipelines(lang: str) -> Response:
    """Modules to pick, and the plan of those that the query names."""
    registry = state().in_force.registry
    made, mistaken, is_too_long = _asked(registry)
    slugs = [*made.order, *(each.slug for each in made.excluded)] if made else []
    offered = [module for module in registry.modules if module.slug in slugs or can_run(module)]
    facts: dict[str, Any] = {"plan": made, "slugs": slugs, "mistaken": mistaken, "is_too_long": is_too_long}
    facts |= {"groups": grouped(offered, CATEGORIES, "category"), "is_open": len(offered) <= MOST_OPEN}
    facts |= {"modules": registry.by_slug, "most": MOST_MODULES}
    facts["switch"] = f"{PATH}?modules={','.join(slugs)}" if slugs else PATH
    if mistaken or is_too_long:
        return personal("pipelines.html", lang, PATH, 422, **facts)
    return respond(state().site.document("pipelines.html", lang, PATH, **facts))


def _asked(registry: Registry) -> tuple[Plan | None, Mapping[str, str | None], bool]:
    """The plan of the modules that the query names, what it names that is none, and whether it names too many."""
    try:
        names = listed("modules")
        return plan(registry, names) if names else None, {}, False
    except (InvalidField, RequestURITooLarge):
        return None, {}, True
    except UnknownModules as error:
        known = [name for name in names if name not in error.suggestions]
        return plan(registry, known) if known else None, error.suggestions, False
