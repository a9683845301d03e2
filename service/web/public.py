"""The public documents, and the endpoints that are frozen during the alpha."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service.problems import UnknownModule
from service.web.cors import any_origin
from service.web.documents import respond
from service.web.state import state

public = Blueprint("public", __name__)
any_origin(public)


@public.get("/api/modules-registry")
@public.get("/api/modules")
@public.get("/openapi.yaml")
@public.get("/schemas/registry.schema.json")
def document() -> Response:
    """A document that is always there."""
    return respond(state().in_force.documents[request.path])


@public.get("/api/modules/<slug>")
def module(slug: str) -> Response:
    """One module's entry, or where it is by now, or that it is gone."""
    found = state().in_force.documents.get(f"/api/modules/{slug}")
    if found is None:
        raise UnknownModule(f"No module has the slug {slug!r}.")
    return respond(found)
