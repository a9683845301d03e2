"""Answers that hold for one caller at one moment."""

from __future__ import annotations

from flask import Response


def fresh(response: Response) -> Response:
    """The response, which no cache may keep."""
    response.headers["Cache-Control"] = "no-store"
    return response


def no_content() -> Response:
    """204 without a body, hence without a content type."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return fresh(response)
