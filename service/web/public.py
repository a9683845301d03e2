"""What is the same for everybody: the public documents, and what is made of a query, plans of pipelines and changes."""

from flask import Blueprint, Response

from service.history import model, store
from service.problems import UnknownModule
from service.registry.plan import plan
from service.storage.entries import left_out
from service.web.documents import document, respond
from service.web.protection import any_origin
from service.web.request_data import fields, listed
from service.web.responses import json_bytes
from service.web.state import state

public = Blueprint("public", __name__)
any_origin(public)


@public.get("/api/modules-registry")
@public.get("/api/modules")
@public.get("/api/modules/<slug>")
@public.get("/openapi.yaml")
@public.get("/schemas/registry.schema.json")
def unknown(slug: str = "") -> Response:
    """What is there has been answered before Flask was asked: this is a module that nobody has."""
    raise UnknownModule.of(slug, state().in_force.registry.by_slug)


@public.get("/api/pipelines/plan")
def pipeline() -> Response:
    """How the modules of the query run together: made at each request, and kept by those who ask."""
    in_force, site = state().in_force, state().site
    body = json_bytes(plan(in_force.registry, listed("modules")))
    headers = (*site.assets.protection, ("Registry-Revision", in_force.revision))
    return respond(document(body, "application/json", in_force.modified, site.cache_control, headers))


@public.get("/api/changes")
def changes() -> Response:
    """Events, newest first: made at each request, and kept by those who ask."""
    app, site, asked = state(), state().site, fields("module", "cursor", "limit")
    of, behind, most = asked["module"], asked["cursor"], asked["limit"]
    page = store.changes(app.client, app.in_force.registry, module=of, cursor=behind, limit=most)
    content = {"changes": list(map(model.representation, page.events)), "next": page.next} | left_out(page.unreadable)
    return respond(document(json_bytes(content), "application/json", None, site.cache_control, site.assets.protection))
