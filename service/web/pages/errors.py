"""Errors as pages, where a browser shows the answer. What a program is told is in `service/web/problems.py`."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Response, request

from service.http.tracing import request_id
from service.problems import StorageUnavailable
from service.web.languages import of_path, of_request
from service.web.pages.blueprint import own_address, personal
from service.web.pages.person import person
from service.web.request_data import address
from service.web.session import caller_or_none
from service.web.state import state


def error_page(status: int, kind: str | None, suggestions: object = None) -> Response:
    """A page that says what happened and what to do next, in the visitor's language.

    `kind` is the last part of the problem's type. The page says nothing of what was sent, but for the module that
    `suggestions` say was probably meant.
    """
    lang = of_request(request)
    switch = request.path.removeprefix(f"/{lang}/") if of_path(request.path) else ""
    back = (own_address(address()) if request.method == "GET" or switch else None) or f"/{lang}/"
    registry = state().in_force.registry
    frozen, close = registry.frozen_endpoints.get(request.path), suggestions if isinstance(suggestions, dict) else {}
    facts: dict[str, Any] = {"number": int(status), "kind": kind, "back": back, "frozen": frozen}
    facts["meant"] = next((module for slug in close.values() if (module := registry.by_slug.get(slug))), None)
    facts["request_id"] = request_id(request.environ)
    # A form that was not read, or sent too often, is shown again by the same address.
    retried = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
    facts["again"] = status in retried and (request.method == "GET" or bool(switch)) and not frozen
    return personal("error.html", lang, switch, status, where="", **facts, **_greeted(status))


def _greeted(status: int) -> dict[str, Any]:
    """Whom the page greets: unknown of somebody with a session, while the store does not answer.

    Where the service has a fault of its own, nothing more is asked of it.
    """
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        with suppress(StorageUnavailable):
            return {"me": person(), "unknown": False}
    return {"me": None, "unknown": caller_or_none() is not None}
