"""This service's own routes, which are no module's."""

from __future__ import annotations

import re

#: This service's own paths below /api, which no module may claim. A test compares them with the routes.
OWN_ROUTES = (
    "/api/modules-registry",
    "/api/modules",
    "/api/modules/{slug}",
    "/api/pipelines/plan",
    "/api/changes",
    "/api/features",
    "/api/features/{feature_id}/interest",
    "/api/features/{feature_id}/voters",
    "/api/me",
    "/api/me/locale",
    "/api/me/shipped/{slug}",
    "/api/feedback",
    "/api/feedback/{thread_id}",
    "/api/feedback/{thread_id}/messages",
    "/api/feedback/{thread_id}/read",
    "/api/admin/feedback",
)
_OWN = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", route) for route in OWN_ROUTES))


def is_own_route(path: str) -> bool:
    """Whether this service answers there itself."""
    return _OWN.fullmatch(path) is not None
