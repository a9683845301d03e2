"""The Feedback API: activation requests of on-demand modules, for members and admins."""

from flask import Blueprint, Response, request
from werkzeug.http import parse_etags

from service.feedback import queue, store
from service.feedback.model import Page, Thread, listed, whole
from service.storage.entries import left_out
from service.web.admission import admins, takes_body
from service.web.request_data import fields, read_json
from service.web.responses import no_content, no_store_json
from service.web.session import actor, caller
from service.web.state import state

feedback = Blueprint("feedback", __name__)

#: Largest body that is read, in bytes: 2,000 characters take 24,000 where JSON escapes each of them.
LARGEST_BODY = 32 * 1024


@feedback.post("/api/feedback")
@takes_body(LARGEST_BODY)
def ask() -> Response:
    """Ask for the activation of a module."""
    who, app = caller(), state()
    sent = read_json('{"module": "...", "message": "..."}')
    slug, text, registry = sent.get("module"), sent.get("message"), app.in_force.registry
    thread, is_new = store.open_thread(app.client, who, slug, text, registry, limit=app.feedback_limit)
    return _created(thread) if is_new else _whole(thread)


@feedback.get("/api/feedback")
def own() -> Response:
    """The caller's threads."""
    who, app = caller(), state()
    return _page(store.own_threads(app.client, who, app.in_force.registry, **fields("cursor", "limit")))


@feedback.get("/api/feedback/<thread_id>")
def show(thread_id: str) -> Response:
    """One thread."""
    app = state()
    return _whole(store.thread(app.client, caller(), thread_id, app.in_force.registry))


@feedback.post("/api/feedback/<thread_id>/messages")
@takes_body(LARGEST_BODY)
def say(thread_id: str) -> Response:
    """Say something in a thread."""
    by, app = actor(), state()
    text, registry = read_json('{"message": "..."}').get("message"), app.in_force.registry
    return _created(store.add_message(app.client, thread_id, text, registry, by=by, limit=app.feedback_limit))


@feedback.post("/api/feedback/<thread_id>/read")
def mark_read(thread_id: str) -> Response:
    """Mark a thread as read."""
    store.mark_read(state().client, caller(), thread_id)
    return no_content()


@feedback.route("/api/feedback/<thread_id>", methods=["PATCH"])
@takes_body(LARGEST_BODY, of=admins)
def change(thread_id: str) -> Response:
    """Change the status of a thread, which the admin has seen."""
    by, app = actor(), state()
    status = read_json('{"status": "..."}').get("status")
    # As a set, without weak ones, which never match here (RFC 9110, 13.1.1); nor does *, which says nothing was seen.
    tags = parse_etags(request.headers.get("If-Match")).as_set()
    seen = {tag or "" for tag in tags}  # for an empty one werkzeug has None
    return _whole(store.change_status(app.client, thread_id, status, seen, app.in_force.registry, by=by))


@feedback.get("/api/admin/feedback")
def waiting() -> Response:
    """The threads of all accounts."""
    who, app = caller(), state()
    filters = fields("status", "module", "cursor", "limit")
    return _page(queue.threads(app.client, who, app.in_force.registry, **filters))


def _created(thread: Thread) -> Response:
    response = _whole(thread)
    response.status_code = 201
    response.headers["Location"] = f"/api/feedback/{thread.id}"
    return response


def _whole(thread: Thread) -> Response:
    response = no_store_json(whole(thread))
    response.set_etag(thread.etag)
    return response


def _page(page: Page) -> Response:
    content = {"threads": list(map(listed, page.threads)), "next": page.next}
    return no_store_json(content | left_out(page.unreadable))
