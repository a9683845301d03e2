"""The query of a request."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import request

from service.problems import InvalidField

#: The longest query that is searched for lists of names, in characters: 50 slugs in whichever way, and some room.
_LONGEST = 5_000


def address() -> str:
    """Path and query of the request, as text. Not request.full_path, which raises on bytes that are not UTF-8."""
    text = request.query_string.decode(errors="replace")
    return f"{request.path}?{text}" if text else request.path


def query() -> dict[str, str]:
    """The first value of each field of the query. Not request.args, which raises on bytes that are not UTF-8."""
    return {name: values[0] for name, values in parse_qs(request.query_string.decode(errors="replace")).items()}


def listed(field: str) -> list[str]:
    """What a field of the query names: one name or several between commas, each time that the field is there.

    Raises InvalidField for a query of more than 5,000 characters.
    """
    text = request.query_string.decode(errors="replace")
    if len(text) > _LONGEST:
        raise InvalidField(field, f"stands in a query of more than {_LONGEST:,} characters")
    values = ",".join(parse_qs(text).get(field, ())).split(",")
    return [name for value in values if (name := value.strip())]
