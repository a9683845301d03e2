"""Interest votes: the caller's state and the counts, and voting."""

from flask import Blueprint, Response

from service.interest import own, store, voters
from service.web.admission import takes_body
from service.web.request_data import fields, read_json
from service.web.responses import no_content, no_store_json
from service.web.session import actor, caller
from service.web.state import state

features = Blueprint("features", __name__)

#: Largest body that is read, in bytes: 280 characters take 3,360 where JSON escapes each of them.
LARGEST_BODY = 8 * 1024


@features.get("/api/features")
def read() -> Response:
    """What the caller wants, and how many want each feature."""
    app = state()
    interest = store.read(app.client, caller(), app.in_force.registry)
    return no_store_json({"voted": interest.voted, "counts": interest.counts})


@features.post("/api/features/<feature_id>/interest")
def vote(feature_id: str) -> Response:
    """Record a vote."""
    app = state()
    store.vote(app.client, caller(), feature_id, app.in_force.registry, limit=app.vote_limit)
    return no_content()


@features.delete("/api/features/<feature_id>/interest")
def retract(feature_id: str) -> Response:
    """Take a vote back."""
    app = state()
    store.retract(app.client, caller(), feature_id, app.in_force.registry, limit=app.vote_limit)
    return no_content()


@features.get("/api/features/<feature_id>/interest/reason")
def reason(feature_id: str) -> Response:
    """Why the caller wants it."""
    app = state()
    return no_store_json({"reason": own.reason(app.client, caller(), feature_id, app.in_force.registry)})


@features.put("/api/features/<feature_id>/interest/reason")
@takes_body(LARGEST_BODY)
def explain(feature_id: str) -> Response:
    """The caller says why, or no more."""
    who, app, why = caller(), state(), read_json('{"reason": "..."}').get("reason")
    store.explain(app.client, who, feature_id, why, app.in_force.registry, limit=app.vote_limit)
    return no_content()


@features.get("/api/features/<feature_id>/voters")
def who(feature_id: str) -> Response:
    """Whom to tell that a feature shipped, for admins."""
    by, app, given = actor(), state(), fields("cursor", "limit")
    registry, cursor, limit = app.in_force.registry, given["cursor"], given["limit"]
    page = voters.page(app.client, feature_id, registry, by=by, cursor=cursor, limit=limit)
    listed = [{"id": each.id, "name": each.name, "email": each.email, "locale": each.locale} for each in page.voters]
    return no_store_json({"voters": listed, "next": page.next})
