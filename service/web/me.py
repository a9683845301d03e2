"""Who is signed in, and what is new for them."""

from flask import Blueprint, Response

from service.accounts import sessions
from service.accounts.model import Locale, Role, shown_name
from service.feedback import queue
from service.insights.person import news
from service.interest import own
from service.web.admission import readers, takes_body
from service.web.request_data import read_json
from service.web.responses import no_content, no_store_json
from service.web.session import caller
from service.web.state import state
from service.web.vote_intent import forget, spend

me = Blueprint("me", __name__)

#: Largest body that is read, in bytes. A language takes about 20.
LARGEST_BODY = 1024


@me.get("/api/me")
def read() -> Response:
    """The caller's account, and what is new for it."""
    who, app = caller(), state()
    told = news(app.client, who, app.in_force.registry, app.candidates)
    account = told.account
    answer = {
        "id": who.id,
        "name": shown_name(account.name),
        "role": Role.ADMIN if account.role == Role.ADMIN else Role.MEMBER,
        "status": account.status,
        "locale": Locale.of(account.locale),
        "unread": told.unread,
        "shipped": told.shipped,
    }
    if account.role == Role.ADMIN and account.status in sessions.VOTERS:
        answer["waiting"] = queue.counts(app.client, who, app.in_force.registry).unread
    return no_store_json(answer)


@me.get("/api/me/votes")
def votes() -> Response:
    """What the caller wants, and since when."""
    app = state()
    return no_store_json({"votes": own.votes(app.client, caller(), app.in_force.registry)})


@me.put("/api/me/locale")
@takes_body(LARGEST_BODY, of=readers)
def choose_locale() -> Response:
    """The caller has chosen a language."""
    who = caller()
    sessions.choose_locale(state().client, who, read_json('{"locale": "fr"}').get("locale"))
    return no_content()


@me.post("/api/me/vote-intent")
def take_intent() -> Response:
    """What the caller pressed for before signing in, once. The page that asks for it votes."""
    feature = spend(caller())
    response = no_content() if feature is None else no_store_json({"feature": feature})
    forget(response)
    return response


@me.delete("/api/me/shipped/<slug>")
def dismiss(slug: str) -> Response:
    """The caller has been told that a module shipped."""
    app = state()
    own.dismiss(app.client, caller(), slug, app.in_force.registry)
    return no_content()
