"""The query of a request."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import request


def address() -> str:
    """Path and query of the request, as text. Not request.full_path, which raises on bytes that are not UTF-8."""
    text = request.query_string.decode(errors="replace")
    return f"{request.path}?{text}" if text else request.path


def query() -> dict[str, str]:
    """The first value of each field of the query. Not request.args, which raises on bytes that are not UTF-8."""
    return {name: values[0] for name, values in parse_qs(request.query_string.decode(errors="replace")).items()}
