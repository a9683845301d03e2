"""By which words a request is told of: its route and its method, never its path, which whoever asks makes up."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

#: The methods that are called by their names.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: What stands for a path that leads nowhere, or not by this method.
NO_ROUTE = "(no route)"


def route_of(routes: Map, path: str, method: str) -> str:
    """The rule that a path and a method lead to, such as `/api/features/<feature_id>/interest`."""
    try:
        rule, _ = routes.bind("").match(path, method, return_rule=True)
    except HTTPException:
        return NO_ROUTE
    return str(rule.rule)
