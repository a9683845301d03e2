"""How to sign in, and the way back to where one was; one's own account, its language, and the end of its sessions."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from service.accounts import sign_in
from service.accounts.sessions import choose_locale
from service.web.admission import readers, takes_body
from service.web.pages.blueprint import LANG, lead_to, own_address, own_cookie, pages, personal
from service.web.pages.forms import LARGEST_BODY, done, lead_on
from service.web.pages.languages import BACK, COOKIE, KEPT, of_path, preferred
from service.web.pages.person import Person, for_members, language, person
from service.web.request_data import query
from service.web.session import caller
from service.web.state import state
from service.wording import printable

#: How long a browser keeps the address to come back to, while a sign-in link is on its way: an hour, in seconds.
_KEPT = 3600

_ACCOUNT = f"{LANG}/account"


@pages.get(f"{LANG}/sign-in")
def ways_in(lang: str) -> Response:
    """The ways in, for those who are signed out. The others go on to `next`. With a token, the page of its link."""
    if token := query().get("token"):
        return link_page(token)
    back = own_address(query().get("next", "")) or f"/{lang}/"
    if person() is not None:
        return lead_to(back)
    switch = f"sign-in?{urlencode({'next': back})}"
    response = personal("sign-in.html", lang, "sign-in", switch=switch, back=back)
    return remember(response, back)


def remember(response: Response, back: str) -> Response:
    """Have a browser keep the address to come back to."""
    response.set_cookie(BACK, back, _KEPT, **own_cookie())
    return response


def link_page(token: str) -> Response:
    """What a sign-in link would do, and the button that does it. Raises InvalidToken, StorageUnavailable.

    It is in the language of the address, of the page one came from, or else of the account. The button's request needs
    no body: what stands in a query never has to be waited for.
    """
    link = sign_in.verify(state().client, token)
    lang = of_path(request.path) or of_path(request.cookies.get(BACK, "")) or link.locale or preferred(request)
    account = printable(link.account_id)
    sent = urlencode({"token": token, "nonce": sign_in.new_nonce()})
    switch = f"sign-in?{urlencode({'token': token})}"
    return personal("sign-in-link.html", lang, "sign-in", switch=switch, query=sent, account=account)


def go_back() -> Response:
    """Lead those who have signed in back to where they were, once, or else to the first page in their language."""
    back = own_address(request.cookies.get(BACK, "")) or f"/{language()}/"
    response = lead_to(back, 303)
    response.delete_cookie(BACK, **own_cookie())
    return response


@pages.get(_ACCOUNT)
@for_members
def show_account(me: Person, lang: str) -> Response:
    """What is known of the caller."""
    return personal("account.html", lang, "account", me=me, done=done("account"))


@pages.post(_ACCOUNT)
@takes_body(LARGEST_BODY, of=readers)
def change_account(lang: str) -> Response:
    """Remember the language that the caller has chosen, for the account and in this browser, and go on in it."""
    chosen = choose_locale(state().client, caller(), request.form.get("locale"))
    response = lead_on(chosen, "account", "saved")
    response.set_cookie(COOKIE, chosen, KEPT, samesite="Lax")
    return response
