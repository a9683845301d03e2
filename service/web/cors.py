"""Which pages of other origins may read the answers (WHATWG Fetch, CORS), by flask-cors.

Anyone may read the public documents, whose own answers carry the headers already; what is left are preflights and
errors. Votes and counts carry a session, so their origins are listed in the settings. Cookies are SameSite=Lax: only
pages on the same site can make use of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from re import Pattern
from typing import Any

from flask import Flask
from flask_cors import CORS

_PUBLIC = {"origins": "*", "methods": ["GET", "HEAD"], "allow_headers": ["If-None-Match"], "expose_headers": ["ETag"]}
_VOTES = {"methods": ["GET", "HEAD", "POST", "DELETE"], "allow_headers": ["Content-Type"], "supports_credentials": True}

#: How long a browser may remember a preflight, in seconds. Chrome keeps none for longer.
_MAX_AGE = 7200


def init_app(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights of public documents for every origin, and those of votes for `origins`."""
    resources: dict[str | Pattern[str], dict[str, Any]] = {
        r"/(api/modules(-registry|/[^/]*)?|openapi\.yaml|schemas/.*)\Z": _PUBLIC
    }
    if origins:
        resources[r"/api/features(/[^/]*/interest)?\Z"] = {**_VOTES, "origins": list(origins)}
    CORS(app, resources=resources, max_age=_MAX_AGE, send_wildcard=True, always_send=False)
