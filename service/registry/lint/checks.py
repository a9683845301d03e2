"""Errors that concern several entries, which a JSON Schema cannot find: it sees one entry at a time.

A value that an earlier diagnostic is about is UNKNOWN here, or repaired, so that no rule reports it again.
"""

from service.registry.lint.document import Document
from service.registry.lint.nodes import Findings
from service.registry.lint.rules import artifacts, endings, endpoints, slugs

_OF_NAMES = (
    slugs.duplicate_slug,
    slugs.removed_for_good,
    endpoints.duplicate_endpoint,
    endpoints.own_route,
    slugs.legacy_coming_soon,
    slugs.formerly_in_use,
    slugs.formerly_loop,
    endings.days_in_order,
    endings.successor_unknown,
)
_OF_ARTIFACTS = (artifacts.artifact_missing, artifacts.self_supply, artifacts.waiting_knot)


def check_entries(document: Document) -> Findings:
    """Yield every break of a rule that concerns several entries of a file."""
    for check in _OF_NAMES:
        yield from check(document)
    supply = artifacts.Supply(document)
    for check_supply in _OF_ARTIFACTS:
        yield from check_supply(supply)
