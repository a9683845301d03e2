"""Errors as pages, where a browser shows the answer. What a program is told is in `service/web/problems.py`."""

from __future__ import annotations

from flask import Response, request

from service.web.pages.blueprint import personal
from service.web.pages.languages import of_path, of_request
from service.web.query import address


def error_page(status: int, kind: str | None) -> Response:
    """A page that says what happened and what to do next, in the visitor's language.

    `kind` is the last part of the problem's type. The page says nothing of what was sent.
    """
    lang = of_request(request)
    switch = request.path.removeprefix(f"/{lang}/") if of_path(request.path) else ""
    back = address() if request.method == "GET" else f"/{lang}/{switch}"
    return personal("error.html", lang, switch, status, languages=(), number=int(status), kind=kind, back=back)
