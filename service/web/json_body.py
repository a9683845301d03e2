"""Bodies of JSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType


def read_json(example: str) -> dict[str, Any]:
    """The JSON object that was sent. Raises 400 and 415."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be JSON, with Content-Type: application/json.")
    return _object(request.get_data(), example)


def _object(body: bytes, example: str) -> dict[str, Any]:
    """The JSON object of a body, such as the example. Raises 400."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise BadRequest(f"The body must be a JSON object, such as {example}.")
    return value
