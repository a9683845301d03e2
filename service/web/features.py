"""Interest votes: the caller's state and the counts, and voting."""

from __future__ import annotations

from flask import Blueprint, Response

from service.interest import store, voters
from service.web.actor import actor
from service.web.query import query
from service.web.responses import no_content, no_store_json
from service.web.session import caller
from service.web.state import state

features = Blueprint("features", __name__)


@features.get("/api/features")
def read() -> Response:
    """What the caller wants, and how many want each feature."""
    here = state()
    interest = store.read(here.client, caller(), here.in_force.registry)
    return no_store_json({"voted": interest.voted, "counts": interest.counts})


@features.post("/api/features/<feature_id>/interest")
def vote(feature_id: str) -> Response:
    """Record a vote."""
    here = state()
    store.vote(here.client, caller(), feature_id, here.in_force.registry, limit=here.vote_limit)
    return no_content()


@features.delete("/api/features/<feature_id>/interest")
def retract(feature_id: str) -> Response:
    """Take a vote back."""
    here = state()
    store.retract(here.client, caller(), feature_id, here.in_force.registry, limit=here.vote_limit)
    return no_content()


@features.get("/api/features/<feature_id>/voters")
def who(feature_id: str) -> Response:
    """Whom to tell that a feature shipped, for admins."""
    by, here, asked = actor(), state(), query()
    found = voters.page(
        here.client,
        feature_id,
        here.in_force.registry,
        by=by,
        cursor=asked.get("cursor"),
        limit=asked.get("limit"),
    )
    listed = [{"id": one.id, "name": one.name, "email": one.email, "locale": one.locale} for one in found.voters]
    return no_store_json({"voters": listed, "next": found.next})
