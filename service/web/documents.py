"""Prepared documents: the bytes and headers of everything public, made once per registry in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from flask import Response
from werkzeug.http import parse_etags

from service.registry.model import Registry
from service.resources import read_schema

#: Shared caches may keep a document this long, in seconds.
MAX_AGE = 10

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Document:
    """A body with the headers it is served with. The ETag is strong: it is made of the bytes."""

    body: bytes
    content_type: str
    etag: str = field(init=False)
    headers: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        etag = f'"{sha256(self.body).hexdigest()[:32]}"'
        headers = (("ETag", etag), ("Cache-Control", f"public, max-age={MAX_AGE}"))
        object.__setattr__(self, "etag", etag)
        object.__setattr__(self, "headers", headers)


def documents(registry: Registry) -> dict[str, Document]:
    """Every public document by its path."""
    entries = {module.slug: asdict(module) for module in registry.modules}
    made = {
        "/api/modules-registry": _json({**registry.buckets, "feature_pages": registry.feature_pages}),
        "/api/modules": _json({"modules": list(entries.values())}),
        "/openapi.yaml": Document(read_schema("openapi.yaml"), "application/yaml"),  # RFC 9512
        "/schemas/registry.schema.json": Document(read_schema("registry.schema.json"), "application/schema+json"),
    }
    return made | {f"/api/modules/{slug}": _json(entry) for slug, entry in entries.items()}


def _json(value: Mapping[str, Any]) -> Document:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Document(text.encode() + b"\n", JSON)


def matches(etag: str, if_none_match: str | None) -> bool:
    """Whether If-None-Match names `etag`, by weak comparison; lists and * count (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match == etag or parse_etags(if_none_match).contains_weak(etag.strip('"'))


def respond(document: Document, if_none_match: str | None) -> Response:
    """The document, or 304 without a body where the client has it already."""
    if matches(document.etag, if_none_match):
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        response = Response(document.body, content_type=document.content_type)
    response.headers.extend(document.headers)
    return response
