"""By what a request is known: its id, and the trace that it belongs to (W3C Trace Context, header `traceparent`).

Both are read from its WSGI environment where somebody asks. https://www.w3.org/TR/trace-context/
"""

import re
from collections.abc import MutableMapping
from contextvars import ContextVar
from random import getrandbits
from typing import Any

#: The header that has a request's id, in the request and in its answer.
REQUEST_ID = "X-Request-ID"

_ID = re.compile("[A-Za-z0-9-]{8,64}", re.ASCII)
#: Of 19 or 20 digits: in decimals a number is written in half the time that others take.
_LEAST_MADE = 10**18
#: Version, trace id, parent id and flags (3.2.2), of the only version that there is.
_FORM = re.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

#: The WSGI environment of the request at hand; None outside of requests.
at_hand = ContextVar[MutableMapping[str, Any] | None]("at_hand", default=None)


def request_id(environ: MutableMapping[str, Any]) -> str:
    """The id of the request with this environment: the one that it came with, or else one that is made now."""
    given: str | None = environ.get("HTTP_X_REQUEST_ID")
    if given is None or not _ID.fullmatch(given):
        given = environ["HTTP_X_REQUEST_ID"] = str(_LEAST_MADE + getrandbits(63))
    return given


def traceparent(header: str | None) -> str | None:
    """What a header says; None for what is no traceparent, which counts as none at all."""
    return header if header and _FORM.fullmatch(header) else None


def current() -> str | None:
    """The traceparent of the request at hand."""
    environ = at_hand.get()
    return None if environ is None else traceparent(environ.get("HTTP_TRACEPARENT"))


def named() -> dict[str, str]:
    """By which names the log knows the request at hand; nothing outside of requests."""
    environ = at_hand.get()
    if environ is None:
        return {}
    trace = current()
    return {"request_id": request_id(environ)} | ({"traceparent": trace} if trace else {})
