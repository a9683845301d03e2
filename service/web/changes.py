"""What changed in the registry, for everybody."""

from __future__ import annotations

from flask import Blueprint, Response

from service.history.model import representation
from service.history.store import changes as listed
from service.storage.listing import left_out
from service.web.cors import any_origin
from service.web.documents import document, respond
from service.web.query import query
from service.web.responses import json_bytes
from service.web.state import state

changes = Blueprint("changes", __name__)
any_origin(changes)


@changes.get("/api/changes")
def show() -> Response:
    """Events, newest first: made at each request, and kept by those who ask."""
    here, site, asked = state(), state().site, query()
    filters = {name: asked.get(name) for name in ("module", "cursor", "limit")}
    page = listed(here.client, here.in_force.registry, **filters)
    found = {"changes": list(map(representation, page.events)), "next": page.next}
    body = json_bytes(found | left_out(page.unreadable))
    return respond(document(body, "application/json", None, site.cache_control, site.assets.protection))
