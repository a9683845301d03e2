"""The query of a request."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import request
from werkzeug.exceptions import RequestURITooLarge

#: The longest query that is read, in characters: 50 slugs in whichever way, or a code of a provider, and some room.
#: 64 KiB, which servers take, are read in 18 ms.
_LONGEST = 5_000


def address() -> str:
    """Path and query of the request, as text. Not request.full_path, which raises on bytes that are not UTF-8."""
    text = request.query_string.decode(errors="replace")
    return f"{request.path}?{text}" if text else request.path


def query() -> dict[str, str]:
    """The first value of each field of the query. Raises 414 for one of more than 5,000 characters."""
    return {name: values[0] for name, values in _fields().items()}


def listed(field: str) -> list[str]:
    """What a field of the query names: one name or several between commas, each time that the field is there.

    Raises 414 for a query of more than 5,000 characters.
    """
    values = ",".join(_fields().get(field, ())).split(",")
    return [name for value in values if (name := value.strip())]


def _fields() -> dict[str, list[str]]:
    """Not request.args, which raises on bytes that are not UTF-8."""
    if len(request.query_string) > _LONGEST:
        raise RequestURITooLarge(f"The query of an address may have at most {_LONGEST:,} characters.")
    return parse_qs(request.query_string.decode(errors="replace"))
