"""Interest votes: the caller's state and the counts, and voting."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from service.interest import store
from service.web.responses import fresh, no_content
from service.web.session import caller_id
from service.web.state import in_force, state

features = Blueprint("features", __name__)


@features.get("/api/features")
def read() -> Response:
    """What the caller wants, and how many want each feature."""
    interest = store.read(state().client, caller_id(), in_force().registry)
    return fresh(jsonify(voted=interest.voted, counts=interest.counts))


@features.post("/api/features/<feature_id>/interest")
def vote(feature_id: str) -> Response:
    """Record a vote."""
    store.vote(state().client, caller_id(), feature_id, in_force().registry)
    return no_content()


@features.delete("/api/features/<feature_id>/interest")
def retract(feature_id: str) -> Response:
    """Take a vote back."""
    store.retract(state().client, caller_id(), feature_id, in_force().registry)
    return no_content()
