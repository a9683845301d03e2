"""What a request says: its address, the fields of its query, and a body of JSON."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestURITooLarge, UnsupportedMediaType

#: The longest query that is read, in characters: 50 slugs in whichever way, or a code of a provider, and some room.
#: 64 KiB, which servers take, are read in 18 ms.
_LONGEST = 5_000


def address() -> str:
    """Path and query of the request, as text. Not request.full_path, which raises on bytes that are not UTF-8."""
    text = request.query_string.decode(errors="replace")
    return f"{request.path}?{text}" if text else request.path


def query() -> MultiDict[str, str]:
    """The fields of the query, empty ones too. Raises 414 for a query of more than 5,000 characters.

    Not request.args, which raises on bytes that are not UTF-8.
    """
    if len(request.query_string) > _LONGEST:
        raise RequestURITooLarge(f"The query of an address may have at most {_LONGEST:,} characters.")
    return MultiDict(parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True))


def fields(*names: str) -> dict[str, str | None]:
    """The first value of each of these fields of the query, None for those that it lacks. Raises as `query` does."""
    given = query()
    return {name: given.get(name) for name in names}


def listed(field: str) -> list[str]:
    """What a field of the query names: one name or several between commas, each time that the field is there.

    Raises as `query` does.
    """
    values = ",".join(query().getlist(field)).split(",")
    return [name for value in values if (name := value.strip())]


def read_json(example: str) -> dict[str, Any]:
    """The JSON object that was sent, such as the example. Raises 400 and 415."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be JSON, with Content-Type: application/json.")
    try:
        value = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise BadRequest(f"The body must be a JSON object, such as {example}.")
    return value
