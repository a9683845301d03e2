"""Which pages of other origins may read the answers (WHATWG Fetch, CORS), by flask-cors.

Anyone may read the public documents, whose own answers carry the headers already; what is left are preflights and
errors. Votes and requests carry a session, so their origins are listed in the settings. Cookies are SameSite=Lax: only
pages on the same site can make use of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Blueprint, Flask
from flask_cors import CORS

#: How long a browser may remember a preflight, in seconds. Chrome keeps none for longer.
_MAX_AGE = 7200


def any_origin(blueprint: Blueprint) -> None:
    """Let pages of every origin read what the blueprint answers."""
    CORS(
        blueprint,
        origins="*",
        send_wildcard=True,
        methods=["GET", "HEAD"],
        allow_headers=["If-None-Match"],
        expose_headers=["ETag"],
        max_age=_MAX_AGE,
    )


def listed_origins(app: Flask, origins: Sequence[str]) -> None:
    """Let pages of these origins vote, ask and choose with the caller's session, and read the answers."""
    if origins:
        CORS(
            app,
            resources=r"/api/(features(/[^/]*/(interest|voters))?|me(/locale|/shipped/[^/]*)?|feedback(/[^/]*(/messages|/read)?)?|admin/feedback)\Z",
            origins=[re.compile(re.escape(origin) + r"\Z", re.IGNORECASE) for origin in origins],
            supports_credentials=True,
            always_send=False,
            methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Content-Type", "If-Match"],
            expose_headers=["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"],
            max_age=_MAX_AGE,
        )
