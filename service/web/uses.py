"""Names that clients should give up: which of them a request has, and for admins who still uses them."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestURITooLarge

from service.accounts.sessions import check_admin
from service.history.uses import read
from service.metrics.uses import DAYS
from service.web.pages.blueprint import LANG
from service.web.request_data import fields, listed
from service.web.responses import no_store_json
from service.web.session import caller
from service.web.state import state

uses = Blueprint("uses", __name__)

#: The routes that are about one module: entries, votes, and pages.
_OF_ONE = (
    "/api/modules/<slug>",
    "/api/features/<feature_id>/interest",
    f"{LANG}/modules/<slug>",
    f"{LANG}/graph/<slug>",
)


def count_names() -> None:
    """Count a request that came to Flask by each name that it has and that clients should give up, however it ends."""
    rule, app = request.url_rule, state()
    if rule is None or request.method == "OPTIONS":  # which browsers ask before another request
        return
    named, given = set[str](), request.view_args or {}
    if rule.rule.startswith(_OF_ONE):
        named.add(given.get("slug") or given["feature_id"])
    elif rule.endpoint in ("public.pipeline", "pages.pipelines"):
        with suppress(RequestURITooLarge):
            named.update(listed("modules"))
    for name in named & app.in_force.registry.ending_names:
        app.uses.count(name, request.headers.get("User-Agent", ""))


@uses.get("/api/admin/uses")
def read_uses() -> Response:
    """Who still uses the names of a module that clients should give up, or all such names."""
    app, slug = state(), fields("module")["module"]
    check_admin(app.client, caller())
    names, module = app.in_force.registry.ending_names, app.in_force.registry.find(slug or "")
    if slug is not None:
        names &= {module.slug, *module.formerly} if module else {slug}
    return no_store_json({"days": DAYS, "names": [each._asdict() for each in read(app.client, names)]})
