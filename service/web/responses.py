"""Answers that hold for one caller at one moment."""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, current_app, request

#: An Accept of more characters than this is as good as none: browsers send 150, Prometheus 300; 16 KiB take 50 ms.
LONGEST_ACCEPT = 1000


def asks_for_page() -> bool:
    """Whether a browser shows the answer, rather than a program reads it (RFC 9110, 12.5.1)."""
    if len(request.environ.get("HTTP_ACCEPT", "")) > LONGEST_ACCEPT:
        return False
    # Who accepts anything gets the first; browsers ask for the second.
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def json_bytes(value: Any) -> bytes:
    """Compact JSON, in one line; a dataclass is an object of its fields."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def problem(status: int, kind: str | None, detail: str) -> dict[str, Any]:
    """A problem document (RFC 9457); without a `kind` its type is about:blank, which means no more than the status."""
    return {
        "type": f"urn:problem-type:module-registry:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }


def no_store(response: Response) -> Response:
    """The response, which no cache may keep."""
    response.headers["Cache-Control"] = "no-store"
    return response


def no_store_json(value: Any) -> Response:
    """A 200 of JSON, which no cache may keep."""
    return no_store(Response(json_bytes(value), content_type="application/json"))


class Bare(Response):
    """A response that has no Content-Type but that of its headers."""

    default_mimetype = None


def no_content() -> Response:
    """204, which no cache may keep."""
    return Bare(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})


def own_cookie() -> dict[str, Any]:
    """Return the attributes of a cookie that only this service reads, and no script."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"httponly": True, "samesite": "Lax", "secure": secure}
