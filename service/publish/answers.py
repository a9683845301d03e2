"""What the application answers to whoever asks for what is the same for everybody, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from wsgiref.util import setup_testing_defaults

from werkzeug.test import run_wsgi_app

from service.web.pages import docs, table
from service.web.pages.changes import PATH as CHANGES
from service.web.pages.languages import LANGUAGES
from service.web.state import State

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: What nginx says by itself, and what is about one request.
_NOT_KEPT = frozenset({"content-encoding", "content-length", "etag", "last-modified", "x-request-id"})

#: How the name of a file ends in each content coding, by the coding.
SUFFIXES = {"identity": "", "br": ".br", "gzip": ".gz", "zstd": ".zst"}

#: How it ends before that, by what the file holds, where its address does not say so.
_ENDINGS = {"text/html": ".html", "application/json": ".json"}


class Answer(NamedTuple):
    """Status, headers that are to be said again, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(application: WSGIApplication, address: str, method: str = "GET", **headers: str) -> Answer:
    """What an application answers; the names of `headers` are those of WSGI. A feed is at a path for each language."""
    path, query = ("/changes.atom", f"lang={address[1:3]}") if address.endswith(".atom") else (address, "")
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query} | headers
    setup_testing_defaults(environ)
    body, status, said = run_wsgi_app(application, environ)
    kept = {name: value for name, value in said if name.lower() not in _NOT_KEPT}
    return Answer(int(status[:3]), kept, b"".join(body))


def addresses(state: State) -> list[str]:
    """Every address whose answer is the same for everybody, but for those that lead to one's own language."""
    registry, site = state.in_force.registry, state.site
    slugs = (*registry.by_slug, *registry.renames, *registry.tombstones)
    paths = ["", "docs", *(f"docs/{name}" for name in ("", "reference", *docs.TEXTS)), *map("modules/{}".format, slugs)]
    paths += [CHANGES, "changes.atom"] if site.published and site.published.has_history else []
    localised = [f"/{lang}/{path}" if path else f"/{lang}" for lang in LANGUAGES for path in paths]
    more = ["/docs", table.SECURITY] if site.security_contact else ["/docs"]
    return list(dict.fromkeys([*state.in_force.documents, *table.documents(registry, site), *more, *localised]))


def file_of(address: str, content_type: str) -> str:
    """The name of the file of an address: what has no ending gets that of its type, and a folder has an index.

    `/api/modules` is a document and a folder; and a module may be called index.
    """
    ending = _ENDINGS.get(content_type.partition(";")[0], "")
    if address.endswith("/"):
        return f"{address}index{ending}"
    return f"{address}/index{ending}" if address in ("/api/modules", "/api/modules/index") else address + ending
