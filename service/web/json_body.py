"""Bodies of JSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from service.web.admission import read_body


def read_json(example: str) -> dict[str, Any]:
    """The JSON object that a caller with a session has sent. Raises 400, 413, 415, or 503 while others are awaited."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be JSON, with Content-Type: application/json.")
    return json_object(read_body(of_caller=True), example)


def json_object(body: bytes, example: str) -> dict[str, Any]:
    """The JSON object of a body, such as the example. Raises 400."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise BadRequest(f"The body must be a JSON object, such as {example}.")
    return value
