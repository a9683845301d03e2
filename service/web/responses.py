"""Answers that hold for one caller at one moment."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_FRESH_JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


def json_bytes(value: Any) -> bytes:
    """Compact JSON, in one line."""
    return (_encode(value) + "\n").encode()


def fresh(response: Response) -> Response:
    """The response, which no cache may keep."""
    response.headers["Cache-Control"] = "no-store"
    return response


def fresh_json(value: Any) -> Response:
    """A 200 of JSON, which no cache may keep."""
    return Response(json_bytes(value), headers=_FRESH_JSON)


def no_content() -> Response:
    """204 without a body, hence without a content type."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return fresh(response)
