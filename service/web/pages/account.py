"""The page of one's own account: its votes, and its language."""

from flask import Response, request

from service.accounts.sessions import choose_locale
from service.interest import own
from service.web.admission import readers, takes_body
from service.web.languages import COOKIE, KEPT
from service.web.pages.blueprint import LANG, lead_on, pages, personal
from service.web.pages.person import Person, for_members
from service.web.session import caller
from service.web.state import state

_ACCOUNT = f"{LANG}/account"


@pages.get(_ACCOUNT)
@for_members
def show_account(me: Person, lang: str) -> Response:
    """What is known of the caller, and what they want."""
    registry = state().in_force.registry
    votes = [(vote, registry.find(vote.feature)) for vote in own.votes(state().client, me.caller, registry)]
    return personal("account.html", lang, "account", me=me, votes=votes, can_be_voted_for=registry.allowed_features)


@pages.post(_ACCOUNT)
@takes_body(1024, of=readers)
def change_account(lang: str) -> Response:
    """Remember the language that the caller has chosen, for the account and in this browser, and go on in it."""
    chosen = choose_locale(state().client, caller(), request.form.get("locale"))
    response = lead_on(chosen, "account", "saved")
    response.set_cookie(COOKIE, chosen, KEPT, samesite="Lax")
    return response
