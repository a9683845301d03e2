"""One's own account: what is known of it, its language, and the end of its sessions."""

from __future__ import annotations

from flask import Response

from service.accounts.sessions import choose_locale
from service.web.admission import readers, takes_body
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.done import done, lead_on
from service.web.pages.forms import read_form
from service.web.pages.languages import COOKIE, KEPT
from service.web.pages.person import person
from service.web.pages.redirects import to_sign_in
from service.web.session import caller
from service.web.state import state

_RULE = f"{LANG}/account"

#: Largest body that is read, in bytes. A language takes about 10.
LARGEST_BODY = 1024


@pages.get(_RULE)
def show_account(lang: str) -> Response:
    """What is known of the caller. Who is signed out is sent to sign in first."""
    me = person()
    if me is None:
        return to_sign_in(lang)
    return personal("account.html", lang, "account", languages=(), me=me, done=done("account"))


@pages.post(_RULE)
@takes_body(LARGEST_BODY, of=readers)
def change_account(lang: str) -> Response:
    """Remember the language that the caller has chosen, for the account and in this browser, and go on in it."""
    chosen = choose_locale(state().client, caller(), read_form().get("locale"))
    response = lead_on(chosen, "account", "saved")
    response.set_cookie(COOKIE, chosen, KEPT, samesite="Lax")
    return response
