"""Prepared documents: everything public, as bytes in each content coding with ready headers.

They are made once per registry in force. `answer` is the one way to serve them: `middleware.py` calls it before
Flask, and the views do behind it.
"""

import gzip
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import brotli
import zstandard
from flask import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header, parse_date, parse_etags

from service import schema_path
from service.registry.model import Deprecation, Module, Registry, Removed
from service.web.protection import Headers, embedded
from service.web.responses import Bare, json_bytes, problem

#: Ways to compress a document, at levels that take milliseconds for 10,000 modules where the best take seconds.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),  # no time inside: the same bytes in every worker
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
}

_OK = "200 OK"
#: What the path of a module's entry begins with.
_MODULES = "/api/modules/"


def _shared(*headers: str) -> Headers:
    """Let every origin read what is the same for everyone, with these headers (WHATWG Fetch, 3.3.3)."""
    exposed = ", ".join(("ETag", "Registry-Revision", *headers))
    return ("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", exposed)


#: What is said of a public document; flask-cors adds the preflight.
_SHARED = _shared()
#: What is said of one whose headers tell of its end.
_SHARED_ENDING = _shared("Deprecation", "Sunset", "Link")

#: The weight of identity, which is no compression, where Accept-Encoding gives it none. A coding that a client does not
#: name, or names with weight 0, has weight 0, and one that it wants has 0.001 or more (RFC 9110, 12.4.2 and 12.5.3).
#: Identity lies between the two: it is what a client gets that wants none of the others.
_IDENTITY_WEIGHT = 0.0005

#: An Accept-Encoding of more characters than this is as good as none (RFC 9110, 12.4.1, lets a server disregard it):
#: browsers send 30, and what is remembered here of strangers' headers must stay small.
_LONGEST_ACCEPT_ENCODING = 128


#: What an answer depends on: method, Accept-Encoding, If-None-Match and If-Modified-Since.
Asked = tuple[str, str | None, str | None, str | None]
#: An answer: status, headers, body in parts, where it is counted, and where its name is, if clients should give it up.
#: granian takes a sixth longer to send a body that is no list.
Answered = tuple[str, Headers, list[bytes], int, tuple[list[int], int] | None]


@dataclass(frozen=True, slots=True)
class Variant:
    """A document in one content coding: its bytes, an ETag made of them, and the headers of a 200 and of a 304."""

    coding: str
    body: bytes
    etag: str
    headers: Headers
    not_modified: Headers


@dataclass(frozen=True, slots=True)
class Document:
    """One public document. `variants` has one for each coding, in the order of CODINGS.

    `modified` is in whole seconds, and None for what is made of more than files of which one could be the newest. Where
    `status` is another than 200, conditions mean nothing (RFC 9110, 13.2.1). `answered` is what the middleware keeps.
    """

    identity: Variant
    variants: tuple[Variant, ...]
    modified: datetime | None
    status: str = _OK
    answered: dict[Asked, Answered] = field(default_factory=dict, compare=False, repr=False)


def document(
    body: bytes,
    content_type: str,
    modified: float | None,
    cache_control: str,
    protection: Headers,
    shared: Headers = _SHARED,
    more: Headers = (),
    status: str = _OK,
) -> Document:
    """Prepare a document that was modified at `modified`, in seconds since 1970.

    `shared` says who may read it, and `more` are further headers of it.
    """
    more += protection + embedded(by_all=bool(shared))
    # A time to come would be no validator (RFC 9110, 8.8.2.1).
    when = None if modified is None else datetime.fromtimestamp(int(min(modified, time.time())), UTC)
    last_modified = () if when is None else (("Last-Modified", http_date(when)),)

    def variant(coding: str, coded: bytes) -> Variant:
        etag = f'"{sha256(coded).hexdigest()[:32]}"'
        # A 304 carries what a cache updates its copy with (RFC 9110, 15.4.5).
        common = (("ETag", etag), ("Cache-Control", cache_control), ("Vary", "Accept-Encoding"), *shared)
        encoding = (("Content-Encoding", coding),) if coding != "identity" else ()
        length = ("Content-Length", str(len(coded)))
        content = (("Content-Type", content_type), length, *encoding, *last_modified)
        return Variant(coding, coded, etag, content + common + more, common)

    identity = variant("identity", body)
    coded = [variant(coding, compress(body)) for coding, compress in CODINGS.items()]
    return Document(identity, (*coded, identity), when, status)


def moved(location: str, cache_control: str, protection: Headers, shared: Headers = _SHARED) -> Document:
    """Prepare the answer that something is found elsewhere for good, which has no body."""
    headers = (("Location", location), ("Content-Length", "0"), ("Cache-Control", cache_control), *shared, *protection)
    variant = Variant("identity", b"", "", headers + embedded(by_all=bool(shared)), ())
    return Document(variant, (variant,), None, "308 Permanent Redirect")


def documents(
    registry: Registry, revision: str, modified: float, cache_control: str, protection: Headers
) -> dict[str, Document]:
    """Every public document by its path. Revision and `modified`, in seconds since 1970, are those of the file."""
    headers = (*protection, ("Registry-Revision", revision))

    def entry(value: Any, more: Headers = ()) -> Document:
        shared = _SHARED_ENDING if more else _SHARED
        return document(json_bytes(value), "application/json", modified, cache_control, headers, shared, more)

    def of_module(module: Module) -> Document:
        return entry(module, ending_headers(module.deprecated) if module.deprecated else ())

    def of_removed(removed: Removed) -> Document:
        body, more = json_bytes(_removal(removed)), _successor_link(removed.use)
        kind, shared = "application/problem+json", _SHARED_ENDING if more else _SHARED
        return document(body, kind, None, cache_control, protection, shared, more, "410 Gone")

    def schema(name: str, content_type: str) -> Document:
        path = schema_path(name)
        return document(path.read_bytes(), content_type, path.stat().st_mtime, cache_control, protection)

    listed = {
        "/api/modules-registry": entry({**registry.buckets, "feature_pages": registry.feature_pages}),
        "/api/modules": entry({"modules": registry.modules, "removed": registry.removed}),
        "/openapi.yaml": schema("openapi.yaml", "application/yaml"),  # RFC 9512
        "/schemas/registry.schema.json": schema("registry.schema.json", "application/schema+json"),
    }
    single = {module.slug: of_module(module) for module in registry.modules}
    single |= {removed.slug: of_removed(removed) for removed in registry.removed}
    for old, new in registry.renames.items():
        single[old] = moved(f"{_MODULES}{new}", cache_control, protection)
    return listed | {f"{_MODULES}{slug}": made for slug, made in single.items()}


def ending_headers(end: Deprecation, modules: str = _MODULES) -> Headers:
    """Since when a module is deprecated (RFC 9745), when it may be gone (RFC 8594), and what succeeds it (RFC 5829).

    Days begin at midnight UTC. The successor is at a path that begins with `modules`.
    """
    deprecation, sunset = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (end.since, end.removed_after))
    days = (("Deprecation", f"@{int(deprecation.timestamp())}"), ("Sunset", http_date(sunset)))
    return days + _successor_link(end.use, modules)


def _successor_link(slug: str | None, modules: str = _MODULES) -> Headers:
    """The link to the module to use instead, where there is one."""
    return (("Link", f'<{modules}{slug}>; rel="successor-version"'),) if slug else ()


def _removal(removed: Removed) -> dict[str, Any]:
    """The problem document (RFC 9457) of a module that is gone."""
    detail = f"The module {removed.slug} was removed on {removed.date}: {removed.because.en}"
    more = {"successor": removed.use, "date": removed.date, "because": removed.because}
    return problem(410, "module-removed", detail) | more


def answer(document: Document, environ: Mapping[str, Any]) -> tuple[str, Headers, bytes]:
    """Status, headers and body of a GET of a document, by the request headers in a WSGI environment.

    Of the conditions, If-Modified-Since counts only without If-None-Match (RFC 9110, 13.2.2). A header that makes no
    sense is as good as none.
    """
    accept_encoding = environ.get("HTTP_ACCEPT_ENCODING")
    variant = document.identity if accept_encoding is None else _chosen(document, accept_encoding)
    if document.status != _OK:
        return document.status, variant.headers, variant.body
    if_none_match = environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match is not None:
        unchanged = if_none_match == variant.etag or _names(if_none_match, variant.etag)
    else:
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        unchanged = since is not None and document.modified is not None and _is_since(document.modified, since)
    if unchanged:
        return "304 Not Modified", variant.not_modified, b""
    return _OK, variant.headers, variant.body


def respond(document: Document) -> Response:
    """The same answer as the middleware's, which comes first as a rule, for the request at hand."""
    status, headers, body = answer(document, request.environ)
    return Bare(body, status, headers)


def _chosen(document: Document, accept_encoding: str) -> Variant:
    """The most welcome variant, and of equally welcome ones the first."""
    if len(accept_encoding) > _LONGEST_ACCEPT_ENCODING:
        return document.identity
    ranks = _ranks(accept_encoding)
    return max(document.variants, key=lambda variant: ranks[variant.coding])


@lru_cache(maxsize=256)  # browsers send the same few values; to parse one takes 19 us, and the rest of an answer 9
def _ranks(accept_encoding: str) -> dict[str, float]:
    accepted = parse_accept_header(accept_encoding, Accept)
    ranks = {coding: accepted.quality(coding) for coding in CODINGS}
    return {"identity": max(accepted.quality("identity"), _IDENTITY_WEIGHT), **ranks}


def _names(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match names `etag`, by weak comparison; lists and * count (RFC 9110, 13.1.2)."""
    return parse_etags(if_none_match).contains_weak(etag.strip('"'))


def _is_since(modified: datetime, if_modified_since: str) -> bool:
    """Whether nothing was modified after If-Modified-Since (RFC 9110, 13.1.3)."""
    try:
        since = parse_date(if_modified_since)
    except OverflowError:  # a year that no datetime can hold
        return False
    return since is not None and modified <= since
