"""What clients that hold a slug are told of its end: that the module will go, or that it is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from werkzeug.http import http_date

from service.registry.model import Deprecation, Removed
from service.web.protection import Headers
from service.web.responses import problem


def ending_headers(end: Deprecation) -> Headers:
    """Since when a module is deprecated (RFC 9745), when it may be gone (RFC 8594), and what succeeds it (RFC 5829).

    Days begin at midnight UTC.
    """
    deprecation, sunset = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (end.since, end.removed_after))
    days = (("Deprecation", f"@{int(deprecation.timestamp())}"), ("Sunset", http_date(sunset)))
    return days + successor_link(end.use)


def successor_link(slug: str | None) -> Headers:
    """The link to the module to use instead, where there is one."""
    return (("Link", f'</api/modules/{slug}>; rel="successor-version"'),) if slug else ()


def gone(removed: Removed) -> dict[str, Any]:
    """The problem document (RFC 9457) of a module that is gone."""
    detail = f"The module {removed.slug} was removed on {removed.date}: {removed.because.en}"
    more = {"successor": removed.use, "date": removed.date, "because": removed.because}
    return problem(HTTPStatus.GONE, "module-removed", detail) | more
