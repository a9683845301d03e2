"""The public documents, and the plan of a pipeline, which is made of the same registry when it is asked for."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service.problems import UnknownModule
from service.registry.plan import plan
from service.web.cors import any_origin
from service.web.documents import document as prepared
from service.web.documents import respond
from service.web.query import listed
from service.web.responses import json_bytes
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
        raise UnknownModule.of(slug)
    return respond(found)


@public.get("/api/pipelines/plan")
def pipeline() -> Response:
    """How the modules of the query run together: made at each request, and kept by those who ask."""
    here, site = state().in_force, state().site
    body = json_bytes(plan(here.registry, listed("modules")))
    headers = (*site.assets.protection, ("Registry-Revision", here.revision))
    made = prepared(body, "application/json", here.modified, site.cache_control, headers)
    return respond(made)
