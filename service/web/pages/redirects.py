"""Ways to lead somewhere else, and which addresses anybody may be led to."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, current_app

from service.web.responses import no_store

#: A path of this service, and a query, as browsers send them (RFC 3986): no other host, which `//` and `/\\` begin, and
#: nothing that a header or a browser reads as something else.
_OWN = re.compile(r"/(?![/\\])[\w./~!$&'()*+,;=:@%-]*(\?[\w./~!$&'()*+,;=:@%?-]*)?", re.ASCII)

#: The longest address that anybody is led to, in characters: werkzeug remembers the last hundred that it was given.
LONGEST = 500


def own_address(address: str) -> str | None:
    """The address, if it is one of this service to come back to; None for any other."""
    return address if len(address) <= LONGEST and _OWN.fullmatch(address) else None


def found(path: str, status: int = 302) -> Response:
    """Lead to a path of this service, for once: a cache does not know what decided. Host has no say in it."""
    response = no_store(Response(status=status, headers={"Location": path}))
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def own_cookie() -> dict[str, Any]:
    """How a cookie is kept that is about where one is led: for this service alone, and not for scripts."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"httponly": True, "samesite": "Lax", "secure": secure}


def elsewhere(address: str, status: int = 302) -> Response:
    """Lead to an address of another service, such as that of a provider of identities."""
    return no_store(Response(status=status, headers={"Location": address}))
