"""The trace that a request belongs to, by its header `traceparent` (W3C Trace Context).

https://www.w3.org/TR/trace-context/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Version, trace id, parent id and flags (3.2.2); what a later version appends is left out, as 3.2.4 has it.
_FORM = re.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,400})?", re.ASCII)

_current = ContextVar[str | None]("traceparent", default=None)


def traceparent(header: str | None) -> str | None:
    """What a header says, as version 00 writes it; None for what is no traceparent, which counts as none at all."""
    found = _FORM.fullmatch(header or "")
    if found is None:
        return None
    version, trace, parent, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace, 16) or not int(parent, 16):
        return None
    if version != "00":
        flags = f"{int(flags, 16) & 1:02x}"  # of a later version, the first flag alone is known
    return f"00-{trace}-{parent}-{flags}"


def current() -> str | None:
    """That of the request at hand."""
    return _current.get()


@contextmanager
def traced(header: str | None) -> Iterator[None]:
    """Do something for a request with this header."""
    token = _current.set(traceparent(header))
    try:
        yield
    finally:
        _current.reset(token)
