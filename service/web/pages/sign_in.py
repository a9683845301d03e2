"""How to sign in, and the way back to where one was; one's own account, its language, and the end of its sessions."""

import hmac
from urllib.parse import urlencode

from flask import Response, request

from service.accounts import sign_in
from service.accounts.sessions import VOTERS, Caller, choose_locale
from service.interest import own
from service.web import vote_intent
from service.web.admission import readers, takes_body
from service.web.pages.blueprint import LANG, lead_on, lead_to, own_address, own_cookie, pages, personal
from service.web.pages.languages import BACK, COOKIE, KEPT, of_path, preferred
from service.web.pages.person import Person, for_members, language, person
from service.web.request_data import query
from service.web.session import caller, hinted
from service.web.state import state
from service.wording import printable

#: How long a browser keeps the address to come back to, while a sign-in link is on its way: an hour, in seconds.
_KEPT = 3600

_ACCOUNT = f"{LANG}/account"


@pages.get(f"{LANG}/sign-in")
def ways_in(lang: str) -> Response:
    """The ways in, for those who are signed out. The others go on to `next`. With a token, the page of its link.

    Who comes back from the platform to vote says so by the intent's random id, which no other page knows.
    """
    fields = query()
    if token := fields.get("token"):
        return link_page(token)
    back = own_address(fields.get("next", "")) or _way_back() or f"/{lang}/"
    intent, me = vote_intent.pressed(back), person()
    if me is not None:
        is_back = intent is not None and hmac.compare_digest(fields.get("intent", "").encode(), intent.id.encode())
        return hinted(go_back(me.caller, me.status) if is_back else lead_to(back))
    switch = f"sign-in?{urlencode({'next': back})}"
    home = f"/{lang}/{switch}&{urlencode({'intent': intent.id})}" if intent else back
    feature, is_cast = vote_intent.module_of(intent), intent is not None and not intent.has_no_scripts
    page = personal("sign-in.html", lang, "sign-in", switch=switch, home=home, feature=feature, is_cast=is_cast)
    return remember(page, back)


def _way_back() -> str | None:
    """The address that this browser keeps to come back to."""
    return own_address(request.cookies.get(BACK, ""))


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
    feature = vote_intent.module_of(vote_intent.pressed(_way_back() or "")) if link.status in VOTERS else None
    return personal("sign-in-link.html", lang, "sign-in", switch=switch, query=sent, account=account, feature=feature)


def go_back(who: Caller, status: str) -> Response:
    """Lead those who have signed in back to where they were, once, or else to the first page in their language.

    Who has pressed for a vote there finds it pressed. Without scripts they come from the page of one vote: the POST
    of a link, which has signed them in, goes on to its button. What was pressed elsewhere is forgotten: the next to
    sign in may be somebody else.
    """
    way_back = _way_back() or ""
    back = way_back or f"/{language()}/"
    intent = vote_intent.pressed(way_back)
    if intent and intent.has_no_scripts:
        votes = request.method == "POST" and status in VOTERS and vote_intent.spend_id(intent.id)
        response = lead_to(f"{back}?wanted=yes", 307) if votes else lead_to(back, 303)
        vote_intent.forget(response)
    elif intent:
        response = lead_to(f"{back}#{intent.feature}", 303)  # where on that page it was pressed
        vote_intent.own(response, intent, who)
    else:
        response = lead_to(back, 303)
        vote_intent.forget(response)
    response.delete_cookie(BACK, **own_cookie())
    return response


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
