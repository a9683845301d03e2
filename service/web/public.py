"""The public documents, and the endpoints that are frozen during the alpha."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service.problems import ModuleFrozen, UnknownModule
from service.registry.model import Registry
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
    """What the middleware answers before a view is asked."""
    status, headers, body = answer(document, request.environ)
    return Response(body, status, headers)


def refuse_frozen(path: str, registry: Registry) -> None:
    """Raise ModuleFrozen for the endpoint of an alpha_unavailable module (product documentation: it returns 503)."""
    frozen = registry.frozen_endpoints.get(path)
    if frozen is not None:
        raise ModuleFrozen(
            f"{frozen.label.en} ({frozen.slug}) is built but frozen during the alpha; it cannot be started yet."
        )
