"""Signing in with a real OpenID Connect provider: who gets in, as what, and all that is refused."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from application import signed_out, state
from contract import Client, kind
from flask import Flask
from openid_provider import CLIENT_ID, AtProvider, Running
from redis import Redis
from support import REPOSITORY, everything, wait_until
from werkzeug.test import TestResponse

from service.accounts import openid_account, store
from service.accounts.model import Account, Status
from service.audit import store as audit
from service.audit.model import Actor, Way

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BY = Actor.command_line("tests")
DOMAINS = {"oidc_domains": ("example.com",)}

Make = Callable[..., Flask]


@pytest.fixture
def make(provider: Running, redis: Redis, make_app: Make) -> Make:
    """Make an app that signs in with the provider, on an empty store."""
    return lambda **settings: make_app(**provider.settings(**settings))


def begin(client: Client, lang: str = "en", **query: str) -> str:
    """Where the service leads to, to sign in."""
    response = client.get(f"/{lang}/sign-in/openid?{urlencode(query)}", headers=BROWSER)
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def come_back(client: Client, address: str, **headers: str) -> TestResponse:
    """What the service answers where the provider leads to."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}", headers=BROWSER | headers)


def sign_in(client: Client, provider: Running, who: str = "alice", **given: Any) -> TestResponse:
    """Sign in with the provider."""
    return come_back(client, AtProvider(provider.issuer, who).follow(begin(client), **given))


def account(redis: Redis, provider: Running, who: str = "alice") -> Account | None:
    return store.find(redis, openid_account.account_id(provider.issuer, who))


def test_whoever_signs_in_comes_back_to_where_they_were(make: Make, provider: Running, redis: Redis) -> None:
    client = signed_out(make(**DOMAINS))
    page = client.get("/fr/sign-in?next=/fr/modules/linkedin", headers=BROWSER).text
    assert "Se connecter avec <bdi>Example</bdi>" in page
    assert 'href="/fr/sign-in/openid"' in page
    asked = begin(client, "fr")
    fields = {name: value for name, [value] in parse_qs(urlsplit(asked).query).items()}
    assert fields["ui_locales"] == "fr"
    assert (fields["response_type"], fields["code_challenge_method"]) == ("code", "S256")
    assert fields["redirect_uri"] == "http://localhost/sign-in/openid/callback"
    response = come_back(client, AtProvider(provider.issuer, "alice").follow(asked))
    assert (response.status_code, response.headers["Location"]) == (303, "/fr/modules/linkedin")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert state(client)["voted"] == []
    found = account(redis, provider)
    assert found is not None
    assert (found.status, found.role, found.name, found.email, found.locale) == (
        *("active", "member", "Alice Martin", "alice@example.com", "fr"),
    )
    assert client.post("/api/features/linkedin/interest").status_code == 204


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("alice", ("active", "alice@example.com", "fr")),
        ("bob", ("pending", "", "")),  # in the same domain, but not verified
        ("carol", ("pending", "carol@elsewhere.example", "")),
    ],
)
def test_an_account_is_active_at_once_with_a_verified_address_of_a_listed_domain_alone(
    make: Make, provider: Running, redis: Redis, who: str, expected: tuple[str, ...]
) -> None:
    assert sign_in(signed_out(make(**DOMAINS)), provider, who).status_code == 303
    found = account(redis, provider, who)
    assert found is not None
    assert (found.status, found.email, found.locale) == expected


@pytest.mark.parametrize("silent", ["id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported"])
def test_a_provider_that_does_not_say_how_it_does_does_as_usual(
    make: Make, provider: Running, redis: Redis, silent: str
) -> None:
    """RS256, and the secret as a password (OpenID Connect Discovery 1.0, 3)."""
    provider.control(wrong={"metadata": {silent: None}})
    assert sign_in(signed_out(make(**DOMAINS)), provider).status_code == 303
    assert account(redis, provider) is not None


@pytest.mark.parametrize("verified", ["true", 1, None])
def test_what_is_not_true_is_not_verified(make: Make, provider: Running, redis: Redis, verified: Any) -> None:
    provider.control(wrong={"claims": {"email": "alice@example.com", "email_verified": verified}})
    sign_in(signed_out(make(**DOMAINS)), provider, "bob")
    found = account(redis, provider, "bob")
    assert found is not None
    assert (found.status, found.email) == ("pending", "")


@pytest.mark.parametrize(
    ("who", "token", "expected"),
    [
        ("alice", {"email": "boss@example.com"}, ("pending", "")),
        ("alice", {"email": "alice@example.com"}, ("active", "alice@example.com")),
        ("bob", {"email_verified": True}, ("pending", "")),
    ],
)
def test_an_address_is_verified_by_what_is_said_of_it(
    make: Make, provider: Running, redis: Redis, who: str, token: dict[str, Any], expected: tuple[str, str]
) -> None:
    """The ID token names one, and the userinfo endpoint verifies another, or the other way round."""
    provider.control(wrong={"claims": token})
    sign_in(signed_out(make(**DOMAINS)), provider, who)
    found = account(redis, provider, who)
    assert found is not None
    assert (found.status, found.email) == expected


def test_a_pending_account_becomes_active_once_its_domain_is_listed(
    make: Make, provider: Running, redis: Redis
) -> None:
    sign_in(signed_out(make()), provider)
    assert account(redis, provider).status == "pending"  # type: ignore[union-attr]
    sign_in(signed_out(make(**DOMAINS)), provider)
    assert account(redis, provider).status == "active"  # type: ignore[union-attr]
    [last, *_] = audit.page(redis, 10).entries
    assert (last.way, last.who.text, last.what) == (Way.PROVIDER, urlsplit(provider.issuer).netloc, "status-changed")
    assert (last.before, last.after) == ("pending", "active")


def test_a_suspended_account_stays_so_and_is_told_so(make: Make, provider: Running, redis: Redis) -> None:
    app = make(**DOMAINS, oidc_admin="groups=chiefs")
    sign_in(signed_out(app), provider)
    found = account(redis, provider)
    assert found is not None
    store.set_status(redis, found.id, Status.SUSPENDED, by=BY)
    provider.control(accounts={"alice": {"name": "Alice Durand"}})
    before = account(redis, provider)
    client = signed_out(app)
    response = sign_in(client, provider)
    assert response.status_code == 403
    assert "Your account is suspended" in response.text
    assert client.get("/api/features").status_code == 401
    assert account(redis, provider) == before


def test_name_and_address_are_kept_fresh_and_a_chosen_language_stays(
    make: Make, provider: Running, redis: Redis
) -> None:
    app = make()
    sign_in(signed_out(app), provider)
    found = account(redis, provider)
    assert found is not None
    store.set_details(redis, found.id, locale="en", by=BY)
    fresh = {"name": " Alice\u202e \n Durand ", "email": "alice@durand.example", "email_verified": True, "locale": "fr"}
    provider.control(accounts={"alice": fresh})
    sign_in(signed_out(app), provider)
    found = account(redis, provider)
    assert found is not None
    assert (found.name, found.email, found.locale) == ("Alice Durand", "alice@durand.example", "en")
    provider.control(accounts={"alice": fresh | {"email": "other@durand.example", "email_verified": False, "name": ""}})
    sign_in(signed_out(app), provider)
    assert account(redis, provider) == found


def test_a_claim_gives_the_role_and_takes_it_away(make: Make, provider: Running, redis: Redis) -> None:
    settings = {"oidc_admin": "groups=chiefs", "oidc_scopes": "openid groups"}
    roles = []
    for groups in (
        {"groups": ["staff", "chiefs"]},
        {"groups": ["staff"]},
        {"groups": "chiefs"},
        {"groups": "chiefs2"},
        {},
    ):
        provider.control(accounts={"carol": {"name": "Carol", **groups}})
        sign_in(signed_out(make(**settings)), provider, "carol")
        roles.append(account(redis, provider, "carol").role)  # type: ignore[union-attr]
    assert roles == ["admin", "member", "admin", "member", "member"]
    found = account(redis, provider, "carol")
    assert found is not None
    store.set_details(redis, found.id, role="admin", by=BY)
    sign_in(signed_out(make()), provider, "carol")  # by hand, where no claim gives it
    assert account(redis, provider, "carol").role == "admin"  # type: ignore[union-attr]


def test_who_declines_is_told_so_and_tries_again(make: Make, provider: Running, redis: Redis) -> None:
    client = signed_out(make())
    before = everything(redis)
    client.get("/fr/sign-in?next=/fr/graph", headers=BROWSER)
    back = AtProvider(provider.issuer, "alice").follow(begin(client), agrees=False)
    assert "error=access_denied" in back
    response = come_back(client, back, **{"Accept-Language": "en"})
    assert response.status_code == 403
    # In the language of the page that they came from.
    assert "Vous n’êtes pas connecté" in response.text
    assert 'href="/fr/sign-in/openid"' in response.text
    assert everything(redis) == before
    assert sign_in(client, provider).headers["Location"] == "/fr/graph"


def test_a_program_is_told_in_json(make: Make, provider: Running, redis: Redis) -> None:
    client = signed_out(make())
    back = urlsplit(AtProvider(provider.issuer, "alice").follow(begin(client), agrees=False))
    response = client.get(f"{back.path}?{back.query}")
    assert (response.status_code, kind(response)) == (403, "sign-in-denied")
    back = urlsplit(AtProvider(provider.issuer, "alice").follow(begin(client)))
    response = client.get(f"{back.path}?{back.query}")
    assert response.json == {"account": openid_account.account_id(provider.issuer, "alice"), "status": "pending"}


@pytest.mark.parametrize("again", ["same answer", "new code"])
def test_an_answer_counts_once(make: Make, provider: Running, redis: Redis, again: str) -> None:
    """Also for a browser that has kept its attempt, and has the provider answer that one again."""
    client = signed_out(make())
    asked, person = begin(client), AtProvider(provider.issuer, "alice")
    attempt = client.get_cookie("openid", path="/sign-in/openid/callback")
    assert attempt is not None
    back = person.follow(asked)
    assert come_back(client, back).status_code == 303
    assert client.get_cookie("openid", path="/sign-in/openid/callback") is None
    client.post("/sign-out")
    assert come_back(client, back).status_code == 410
    client.set_cookie("openid", attempt.value, path="/sign-in/openid/callback")
    response = come_back(client, back if again == "same answer" else person.follow(asked))
    assert response.status_code == 410
    assert "This sign-in is over" in response.text
    assert client.get("/api/features").status_code == 401


def test_a_code_counts_once(make: Make, provider: Running, redis: Redis) -> None:
    """Somebody who has got hold of a used code has no use of it with an attempt of their own."""
    app = make()
    client, thief = signed_out(app), signed_out(app)
    back = AtProvider(provider.issuer, "alice").follow(begin(client))
    assert come_back(client, back).status_code == 303
    own = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    stolen = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()} | {"state": own}
    assert come_back(thief, f"{urlsplit(back).path}?{urlencode(stolen)}").status_code == 410
    assert thief.get("/api/features").status_code == 401


def test_an_unused_code_is_of_no_use_in_another_browser(make: Make, provider: Running, redis: Redis) -> None:
    """Neither to sign in as somebody else (PKCE), nor to have somebody signed in as oneself (login CSRF)."""
    app = make()
    back = AtProvider(provider.issuer, "alice").follow(begin(signed_out(app)))
    other = signed_out(app)
    assert come_back(other, back).status_code == 410
    own = parse_qs(urlsplit(begin(other)).query)["state"][0]
    forced = signed_out(app)
    begin(forced)
    assert come_back(forced, back).status_code == 410
    assert provider.asked("/token") == 0  # it is the state that tells
    stolen = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()} | {"state": own}
    assert come_back(other, f"{urlsplit(back).path}?{urlencode(stolen)}").status_code == 410
    assert other.get("/api/features").status_code == 401
    assert account(redis, provider) is None


def test_an_attempt_of_our_own_making_counts_alone(make: Make, provider: Running, redis: Redis) -> None:
    client = signed_out(make())
    back = AtProvider(provider.issuer, "alice").follow(begin(client))
    attempt = client.get_cookie("openid", path="/sign-in/openid/callback")
    assert attempt is not None
    forged = attempt.value[:-9] + ("a" if attempt.value[-9] != "a" else "b") + attempt.value[-8:]
    for value in ("", "x", forged, attempt.value * 9):
        client.set_cookie("openid", value, path="/sign-in/openid/callback")
        assert come_back(client, back).status_code == 410


NOW = 1_000_000_000

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "issuer": ({"claims": {"iss": "https://evil.example"}}, "iss"),
    "audience": ({"claims": {"aud": "another"}}, "aud"),
    "audiences": ({"claims": {"aud": [CLIENT_ID, "another"]}}, "azp"),
    "nonce": ({"claims": {"nonce": "another"}}, "nonce"),
    "no nonce": ({"without": ["nonce"]}, "nonce"),
    "expired": ({"claims": {"iat": NOW, "exp": NOW + 600}}, "expired"),
    "no expiry": ({"without": ["exp"]}, "exp"),
    "from the future": ({"claims": {"iat": NOW * 4, "exp": NOW * 5}}, "in the future"),
    "access token": ({"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "at_hash"),
    "subject": ({"claims": {"sub": "mallory"}}, "somebody else"),
    "no subject": ({"without": ["sub"]}, "sub"),
    "key id": ({"header": {"kid": "unknown"}}, "does not publish"),
    "key": ({"stranger": True}, "signature"),
    "no signature": ({"header": {"alg": "none"}}, "none"),
    "secret as key": ({"header": {"alg": "HS256"}}, "HS256"),
    "userinfo": ({"userinfo": {"sub": "mallory"}}, "somebody else"),
    "metadata": ({"metadata": {"issuer": "https://evil.example"}}, "must be the same"),
    "no object": ({"pairs": True}, "no JSON object"),
    "no list": ({"metadata": {"id_token_signing_alg_values_supported": 5}}, "no list"),
    "no list of ways": ({"metadata": {"token_endpoint_auth_methods_supported": True}}, "no list"),
    "no token endpoint": ({"metadata": {"token_endpoint": "javascript:alert(1)"}}, "endpoint"),
}

#: Of these, what is tried each time.
LISTED = ("issuer", "audience", "nonce", "expired", "key id", "no signature", "secret as key")


@pytest.mark.parametrize(
    "name", [*LISTED, *(pytest.param(name, marks=pytest.mark.long) for name in WRONG if name not in LISTED)]
)
def test_what_cannot_be_trusted_is_refused(
    make: Make, provider: Running, redis: Redis, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    wrong, said = WRONG[name]
    app, before = make(), everything(redis)
    back = AtProvider(provider.issuer, "alice").follow(begin(client := signed_out(app)))
    provider.control(wrong=wrong)
    if "metadata" in wrong:
        app.extensions["module_registry"].openid._provider._endpoints.at = -1e9  # a minute later
    with caplog.at_level(logging.WARNING):
        response = come_back(client, back)
    assert response.status_code == 502
    assert "Example could not sign you in" in response.text
    assert said in caplog.text
    assert "eyJ" not in caplog.text
    assert client.get("/api/features").status_code == 401
    assert everything(redis) == before


def test_the_answer_of_another_provider_is_refused(make: Make, provider: Running, redis: Redis) -> None:
    """Mix-up: this one says in each answer that it is its own (RFC 9207)."""
    app = make()
    for other in ({"iss": "https://evil.example"}, {}):
        client = signed_out(app)
        back = AtProvider(provider.issuer, "alice").follow(begin(client))
        fields = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()}
        assert fields.pop("iss") == provider.issuer
        response = come_back(client, f"{urlsplit(back).path}?{urlencode(fields | other)}")
        assert response.status_code == 502


def test_what_a_provider_says_is_made_safe(
    make: Make, provider: Running, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_out(make())
    own = parse_qs(urlsplit(begin(client)).query)["state"][0]
    said = {"state": own, "iss": provider.issuer, "error": "wh<y>\x1b[31m", "error_description": "<b>\n" + "x" * 10_000}
    response = client.get(f"/sign-in/openid/callback?{urlencode(said)}")
    assert (response.status_code, kind(response)) == (502, "provider-refused")
    assert response.json is not None
    assert len(response.json["detail"]) < 500
    assert "\x1b" not in response.text + caplog.text
    assert "x" * 300 not in caplog.text


def test_new_keys_are_found_out_about_and_nobody_makes_us_ask_for_them_again_and_again(
    make: Make, provider: Running, redis: Redis
) -> None:
    app = make()
    assert sign_in(signed_out(app), provider).status_code == 303
    provider.control(wrong={"header": {"kid": "unknown"}}, forget=True)
    for _ in range(3):
        assert sign_in(signed_out(app), provider).status_code == 502
    assert provider.asked("/jwks") == 0  # they were asked for within the last 10 s
    provider.control(wrong={}, rotate="second")
    app.extensions["module_registry"].openid._provider._keys.at -= 11
    assert sign_in(signed_out(app), provider).status_code == 303
    assert provider.asked("/jwks") == 1


DOWN: dict[str, dict[str, Any]] = {
    "503": {"instead": {"/token": {"status": 503}}},
    "a redirect": {"instead": {"/token": {"status": 302, "headers": {"Location": "/elsewhere"}}}},
    "no JSON": {"instead": {"/token": {"status": 200, "body": "<html>"}}},
    "deep JSON": {"instead": {"/token": {"status": 200, "body": "[" * 100_000}}},
    "too much": {"instead": {"/token": {"status": 200, "body": "x" * 300_000}}},
    "userinfo": {"instead": {"/me": {"status": 500}}},
    "keys": {"instead": {"/jwks": {"status": 200, "body": '{"keys": [{"kty": "RSA", "kid": "first"}, 1]}'}}},
}


@pytest.mark.parametrize(
    "name", ["503", *(pytest.param(name, marks=pytest.mark.long) for name in DOWN if name != "503")]
)
def test_a_provider_that_fails_in_the_middle_signs_nobody_in(
    make: Make, provider: Running, redis: Redis, name: str
) -> None:
    client = signed_out(make())
    back = AtProvider(provider.issuer, "alice").follow(begin(client))
    provider.control(wrong=DOWN[name], forget=True)
    response = come_back(client, back)
    assert response.status_code in (502, 503)
    assert 'href="/en/sign-in/openid"' in response.text
    assert provider.asked("/elsewhere") == 0
    provider.control(wrong={})
    assert client.get("/api/features").status_code == 401


def test_a_provider_that_is_down_has_a_page_and_all_else_works(make_app: Make, provider: Running, redis: Redis) -> None:
    app = make_app(**provider.settings(oidc_issuer="http://127.0.0.1:1"))
    client = signed_out(app)
    response = client.get("/en/sign-in/openid", headers=BROWSER)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "Example does not answer" in response.text
    assert client.get("/en/sign-in").status_code == 200
    assert client.get("/api/modules-registry").status_code == 200


@pytest.mark.parametrize("how", ["silent", "drip"])
def test_a_silent_provider_holds_few_threads_and_not_for_long(
    make: Make, provider: Running, redis: Redis, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    from service.accounts import openid_provider

    monkeypatch.setattr(openid_provider, "LONGEST", 0.5)
    monkeypatch.setattr(openid_provider, "PATIENCE", 0.1)
    app = make()
    provider.control(wrong={how: ["/.well-known"]})
    here = app.extensions["module_registry"].openid._provider
    with here.asking(), here.asking():
        assert signed_out(app).get("/en/sign-in/openid").status_code == 503
    assert provider.asked("/.well-known/openid-configuration") == 0
    response = signed_out(app).get("/en/sign-in/openid")
    assert response.status_code == 503
    assert "within 0.5 s" in response.json["detail"]
    assert signed_out(app).get("/en/sign-in/openid").status_code == 503
    assert provider.asked("/.well-known/openid-configuration") == 1  # it is left alone for a while


def test_some_who_come_at_once_wait_for_each_other(make: Make, provider: Running, redis: Redis) -> None:
    app = make()
    here = app.extensions["module_registry"].openid._provider
    with ThreadPoolExecutor(2) as pool:
        with here.asking(), here.asking():
            waiting = [pool.submit(signed_out(app).get, "/en/sign-in/openid") for _ in range(2)]
            wait_until(lambda: here._all_places._value == 0)
            assert signed_out(app).get("/en/sign-in/openid").status_code == 503  # at once
        assert [each.result().status_code for each in waiting] == [302, 302]
    with here.asking(), here.asking():
        assert signed_out(app).get("/en/sign-in/openid").status_code == 302  # it is known where to


def test_another_worker_finishes_with_a_newer_key_and_below_a_path(make: Make, provider: Running, redis: Redis) -> None:
    old, new = "an older secret key", "a newer secret key"
    begun, finishing = make(secret_key=old), make(secret_key=new, secret_key_fallbacks=(old,))
    client, other = signed_out(begun), signed_out(finishing)
    back = AtProvider(provider.issuer, "alice").follow(begin(client))
    attempt = client.get_cookie("openid", path="/sign-in/openid/callback")
    assert attempt is not None
    other.set_cookie("openid", attempt.value, path="/sign-in/openid/callback")
    assert come_back(other, back).status_code == 303
    response = signed_out(make(public_url="http://localhost/modules")).get("/en/sign-in/openid")
    assert "Path=/modules/sign-in/openid/callback" in response.headers["Set-Cookie"]
    assert "HttpOnly" in response.headers["Set-Cookie"]
    assert "SameSite=Lax" in response.headers["Set-Cookie"]
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fmodules%2Fsign-in%2Fopenid%2Fcallback" in response.headers["Location"]


def test_signing_out_leads_to_the_provider_and_back(make: Make, provider: Running, redis: Redis) -> None:
    app = make()
    client = signed_out(app)
    sign_in(client, provider)
    response = client.post("/sign-out", headers=BROWSER)
    away = urlsplit(response.headers["Location"])
    assert response.status_code == 303
    assert f"{away.scheme}://{away.netloc}{away.path}" == f"{provider.issuer}/session/end"
    assert parse_qs(away.query) == {"client_id": [CLIENT_ID], "post_logout_redirect_uri": ["http://localhost/"]}
    assert client.get("/api/features").status_code == 401
    sign_in(client, provider)
    assert client.post("/sign-out").json == {"next": response.headers["Location"]}
    assert client.post("/sign-out").status_code == 204  # nobody is signed in any more


@pytest.mark.parametrize(
    "wrong", [{"metadata": {"end_session_endpoint": ""}}, {"instead": {"/.well": {"status": 503}}}]
)
def test_signing_out_works_where_the_provider_has_no_part_in_it(
    make: Make, provider: Running, redis: Redis, wrong: dict[str, Any]
) -> None:
    app = make()
    client = signed_out(app)
    sign_in(client, provider)
    provider.control(wrong=wrong)
    app.extensions["module_registry"].openid._provider._endpoints.at = -1e9  # a minute later
    response = client.post("/sign-out", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, "/en/")
    assert client.get("/api/features").status_code == 401


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch;prerender"}])
def test_nobody_is_led_to_the_provider_unasked(
    make: Make, provider: Running, redis: Redis, headers: dict[str, str]
) -> None:
    client = signed_out(make())
    response = client.get("/fr/sign-in/openid?next=/fr/graph", headers=BROWSER | headers)
    assert (response.status_code, response.headers["Location"]) == (302, "/fr/sign-in?next=%2Ffr%2Fgraph")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/en/\r\nX: y"])
def test_nobody_is_led_elsewhere(make: Make, provider: Running, redis: Redis, elsewhere: str) -> None:
    client = signed_out(make())
    back = AtProvider(provider.issuer, "alice").follow(begin(client, next=elsewhere))
    assert come_back(client, back).headers["Location"] == "/fr/"  # Alice's own language


def test_beginning_leaves_nothing_in_the_store(make: Make, provider: Running, redis: Redis) -> None:
    """So strangers cannot fill it."""
    client, before = signed_out(make()), everything(redis)
    for _ in range(3):
        begin(client)
        assert client.get("/sign-in/openid/callback?state=x&code=y").status_code == 410
    assert everything(redis) == before


def test_without_authlib_all_else_works() -> None:
    """It is an extra: what is not configured imports nothing of it."""
    blocked = "import sys; sys.modules.update(dict.fromkeys(['authlib', 'joserfc', 'cryptography'])); "
    done = subprocess.run(
        [sys.executable, "-c", f"{blocked}import service.web.app, service.cli.serve, service.cli.accounts"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_beside_the_platform_the_sign_in_page_has_both_ways_in(make: Make, provider: Running) -> None:
    client = signed_out(make(sign_in_url="https://app.example.com/login?to={next}"))
    bar = client.get("/fr/graph").text
    assert 'href="/fr/sign-in?next=%2Ffr%2Fgraph"' in bar
    assert "app.example.com" not in bar
    page = client.get("/fr/sign-in?next=/fr/graph").text
    assert 'href="/fr/sign-in/openid"' in page
    assert 'href="https://app.example.com/login?to=http%3A%2F%2Flocalhost%2Ffr%2Fgraph"' in page


def test_where_no_provider_is_configured_nothing_leads_to_one(client: Client) -> None:
    assert "openid" not in client.get("/en/sign-in").text
    assert client.get("/en/sign-in/openid").status_code == 404
    assert client.get("/sign-in/openid/callback?state=x&code=y").status_code == 404


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record for record in caplog.records if record.exc_info]
