"""The query of a request."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import request


def query() -> dict[str, str]:
    """The first value of each field of the query. Not request.args, which raises on bytes that are not UTF-8."""
    return {name: values[0] for name, values in parse_qs(request.query_string.decode(errors="replace")).items()}
