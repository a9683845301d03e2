"""The public documents, and the endpoints that are frozen during the alpha."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service.problems import UnknownModule
from service.web.cors import any_origin
from service.web.documents import Document, answer
from service.web.state import state

public = Blueprint("public", __name__)
any_origin(public)


@public.get("/api/modules-registry")
@public.get("/api/modules")
@public.get("/openapi.yaml")
@public.get("/schemas/registry.schema.json")
def document() -> Response:
    """A document that is always there."""
    return _respond(state().in_force.documents[request.path])


@public.get("/api/modules/<slug>")
def module(slug: str) -> Response:
    """One module's entry."""
    found = state().in_force.documents.get(f"/api/modules/{slug}")
    if found is None:
        raise UnknownModule(f"No module has the slug {slug!r}.")
    return _respond(found)


def _respond(document: Document) -> Response:
    """The same answer as the middleware's, which comes first as a rule."""
    status, headers, body = answer(document, request.environ)
    return Response(body, status, headers)
