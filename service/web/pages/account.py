"""One's own account: what is known of it, its language, and the end of its sessions."""

from __future__ import annotations

from flask import Response

from service.accounts.sessions import choose_locale
from service.web.admission import readers, takes_body
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.forms import done, lead_on, read_form
from service.web.pages.languages import COOKIE, KEPT
from service.web.pages.person import Person, for_members
from service.web.session import caller
from service.web.state import state

_RULE = f"{LANG}/account"

#: Largest body that is read, in bytes. A language takes about 10.
LARGEST_BODY = 1024


@pages.get(_RULE)
@for_members
def show_account(me: Person, lang: str) -> Response:
    """What is known of the caller."""
    return personal("account.html", lang, "account", me=me, done=done("account"))


@pages.post(_RULE)
@takes_body(LARGEST_BODY, of=readers)
def change_account(lang: str) -> Response:
    """Remember the language that the caller has chosen, for the account and in this browser, and go on in it."""
    chosen = choose_locale(state().client, caller(), read_form().get("locale"))
    response = lead_on(chosen, "account", "saved")
    response.set_cookie(COOKIE, chosen, KEPT, samesite="Lax")
    return response
