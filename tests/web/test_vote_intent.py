"""A vote that was pressed while signed out: cast after a sign-in, once, by whoever signed in for it, and by no GET."""

from urllib.parse import quote

import pytest
from application import BROWSER, VOTE, MakeLink, signed_in, signed_later, signed_out, state
from contract import Client, platform_cookie
from flask import Flask
from redis import Redis
from web.pages.markup import page_of, sent_to
from werkzeug.test import TestResponse

from service.web.session import serializer

LIST = "/fr/?state=coming_soon"
COOKIE, TAKE = "__Host-vote-intent", "/api/me/vote-intent"
SIGN_IN = f"/fr/sign-in?next={quote(LIST, safe='')}"


def press(client: Client, back: str = LIST, headers: dict[str, str] = BROWSER) -> TestResponse:
    """Vote for LinkedIn, as a page with scripts does."""
    return client.post(f"/fr/modules/linkedin/vote?wanted=yes&next={quote(back, safe='')}", headers=headers)


def kept(client: Client) -> str:
    """What the browser keeps of it: a name with __Host- is taken so, and in no other way (RFC 6265bis)."""
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.secure, cookie.same_site, cookie.path, cookie.origin_only) == (True, "Lax", "/", True)
    return cookie.value


def pressed(client: Client) -> Client:
    """Having pressed, and come to the page of the ways in."""
    assert sent_to(press(client)) == (303, SIGN_IN)
    assert page_of(client.get(SIGN_IN, headers=BROWSER)).one("h1").text.startswith("Connectez-vous pour voter")
    return client


def by_link(client: Client, link: str) -> Client:
    """Signed in with a link, and led back to where it was pressed."""
    assert page_of(client.get(f"/fr{link}", headers=BROWSER)).one("h1").text.startswith("Connectez-vous pour voter")
    assert sent_to(client.post(link, headers=BROWSER)) == (303, f"{LIST}#linkedin")
    return client


def test_it_is_told_once_where_it_was_pressed_and_nothing_but_a_vote_votes(
    client: Client, link: MakeLink, redis: Redis
) -> None:
    """Whatever is looked at on the way, and also where what the browser kept before comes again."""
    before = kept(pressed(client))
    own = kept(by_link(client, link()))
    for path in (LIST, SIGN_IN, f"{SIGN_IN}&intent=x", f"{VOTE}s", TAKE, "/fr/modules/linkedin/vote", "/api/me"):
        client.get(path, headers=BROWSER)
    assert state(client)["voted"] == []
    assert client.post(TAKE).json == {"feature": "linkedin"}
    assert client.get_cookie(COOKIE) is None
    [spent] = redis.keys("{registry}:vote-intent-spent:*")
    assert redis.ttl(spent) > 3600 + 60, "as long as a cookie of it is accepted"
    assert state(client)["voted"] == [], "the page votes, as any other"
    assert client.post(VOTE).status_code == 204
    client.delete(VOTE)
    assert client.post(TAKE).status_code == 204
    for value in (own, before):
        client.set_cookie(COOKIE, value)
        assert client.post(TAKE).status_code == 204
    client.set_cookie(COOKIE, before)
    client.set_cookie("next", LIST)
    client.post(link(), headers=BROWSER)  # by another link, what was told stays told
    assert client.post(TAKE).status_code == 204


def test_it_is_the_account_s_that_signed_in_for_it(app: Flask, client: Client, link: MakeLink, redis: Redis) -> None:
    """Another that comes after it in this browser, a session of the platform's or a new one of the same has nothing."""
    own = kept(by_link(pressed(client), link()))
    link("bob")
    for other in (signed_in(app, "bob"), signed_in(app, "alice")):
        other.set_cookie(COOKIE, own)
        assert other.post(TAKE).status_code == 204
    stranger = signed_out(app)
    stranger.set_cookie(COOKIE, own)
    assert stranger.post(TAKE).status_code == 401
    later = pressed(signed_out(app))
    later.set_cookie("session", platform_cookie(app, _user_id="bob"))
    assert later.post(TAKE).status_code == 204, "it was pressed, and nobody signed in for it"
    assert later.get_cookie(COOKIE) is None
    assert not redis.keys("{registry}:vote-intent-spent:*")


@pytest.mark.parametrize("elsewhere", ["/fr/account", None])
def test_it_is_not_the_next_one_s_who_signs_in(client: Client, link: MakeLink, elsewhere: str | None) -> None:
    """Where another page led to sign in meanwhile, or none, as where the browser keeps no way back any more."""
    press(client, "/en/")
    if elsewhere:
        client.get(f"/fr/sign-in?next={elsewhere}", headers=BROWSER)
        assert sent_to(client.post(link(), headers=BROWSER)) == (303, elsewhere)
        client.post("/sign-out", headers=BROWSER)
    assert sent_to(client.post(link("bob"), headers=BROWSER)) == (303, "/en/")
    assert client.get_cookie(COOKIE) is None
    assert client.post(TAKE).status_code == 204


def test_a_link_promises_no_vote_to_whom_may_not_vote(client: Client, link: MakeLink) -> None:
    address = link("eve", "pending")
    page = page_of(pressed(client).get(f"/fr{address}", headers=BROWSER))
    assert page.one("h1").text == "Se connecter"
    assert page.one(".lead").text == "Ce lien vous connecte, une seule fois."


@pytest.mark.parametrize("seconds", [3601, 61])
def test_it_is_kept_for_an_hour_and_the_page_asks_within_a_minute(client: Client, link: MakeLink, seconds: int) -> None:
    with signed_later(-seconds):
        press(client)
        if seconds < 3600:
            client.get(SIGN_IN, headers=BROWSER)
            client.post(link(), headers=BROWSER)
    if seconds > 3600:
        assert page_of(client.get(SIGN_IN, headers=BROWSER)).one("h1").text == "Se connecter"
        assert sent_to(client.post(link(), headers=BROWSER)) == (303, LIST)
    assert client.post(TAKE).status_code == 204


def test_what_another_site_has_signed_by_no_key_or_for_something_else_is_nothing(client: Client) -> None:
    with client.application.app_context():
        other = str(serializer("done").dumps(["x", "linkedin", LIST]))
    for forged in ("x", "WyJ4IiwibGlua2VkaW4iLCIvZnIvIl0.x.y", other):
        client.set_cookie(COOKIE, forged)
        assert page_of(client.get(SIGN_IN, headers=BROWSER)).one("h1").text == "Se connecter"


def test_who_comes_back_from_the_platform_is_known_by_what_no_other_page_knows(
    app: Flask, client: Client, link: MakeLink
) -> None:
    link()
    with app.app_context():
        intent_id = serializer("vote intent").loads(kept(pressed(client)))[0]
    client.set_cookie("session", platform_cookie(app, _user_id="alice"))
    for wrong in (SIGN_IN, f"{SIGN_IN}&intent=", f"{SIGN_IN}&intent=%C3%A9", f"{SIGN_IN}&intent={intent_id[1:]}"):
        assert sent_to(client.get(wrong, headers=BROWSER)) == (302, LIST)
    assert sent_to(client.get(f"{SIGN_IN}&intent={intent_id}", headers=BROWSER)) == (303, f"{LIST}#linkedin")
    assert client.post(TAKE).json == {"feature": "linkedin"}


def test_without_scripts_what_was_used_votes_no_more(client: Client, link: MakeLink) -> None:
    """Also where what the browser kept before comes again; stories.yaml tells of the first time."""
    page = "/fr/modules/linkedin/vote"
    client.post(f"{page}?wanted=yes", headers=BROWSER)
    client.get(f"/fr/sign-in?next={page}", headers=BROWSER)
    before = kept(client)
    assert sent_to(client.post(link(), headers=BROWSER)) == (307, f"{page}?wanted=yes")
    assert client.get_cookie(COOKIE) is None
    client.set_cookie(COOKIE, before)
    client.set_cookie("next", page)
    assert sent_to(client.post(link(), headers=BROWSER)) == (303, page), "it was used"
