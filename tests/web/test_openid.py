"""Signing in with an OpenID Connect provider: who gets in, as what, and all that is refused.

Here it answers in a thread of the test. That a real one is understood is shown by test_openid_example, at length.
"""

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from application import BROWSER, MakeApp, filled, signed_in, signed_later, signed_out, state, table
from contract import Client, kind
from flask import Flask
from openid_provider import ADDRESS, CLIENT_ID, SECRET
from redis import Redis
from small_provider import DESCRIPTION, SmallProvider, query, signing_key
from support import DEADLINE, OPERATOR, REPOSITORY, everything, wait_until
from werkzeug.test import TestResponse

from service.accounts import openid_provider as asking
from service.accounts import store
from service.accounts.model import Account, Status
from service.accounts.openid_account import account_id
from service.accounts.openid_provider import Provider
from service.problems import ProviderRefused
from service.settings.settings import Settings
from service.web.bulkhead import Bulkhead

CALLBACK = "/sign-in/openid/callback"

HOSTILE = filled(table("hostile_provider.yaml"), {})


@pytest.fixture(scope="module")
def settings(small: SmallProvider) -> dict[str, str]:
    """The settings of an app that signs in with the small provider."""
    own = {"oidc_issuer": small.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": SECRET}
    return own | {"public_url": ADDRESS, "oidc_name": "Example"}


@pytest.fixture(scope="module")
def registered(make_public_app: MakeApp, settings: dict[str, str]) -> Flask:
    return make_public_app(**settings)


@pytest.fixture
def provider(registered: Flask, provider: SmallProvider, redis: Redis) -> SmallProvider:
    """A provider and an app that is registered with it, and has not asked it for anything yet, on an empty store."""
    own, provider.app = registered.extensions["module_registry"].openid, registered
    own.settings = replace(own.settings, oidc_issuer=provider.issuer, oidc_domains=("example.com",), oidc_admin=None)
    own._provider = Provider(own.settings, Bulkhead())
    return provider


def connection(provider: SmallProvider) -> Any:
    """What of the app asks the provider."""
    return provider.app.extensions["module_registry"].openid._provider


def misbehave(provider: SmallProvider, wrong: dict[str, Any]) -> None:
    """Have the provider do something wrong, and its description asked for again, as a minute later."""
    provider.wrong = wrong
    connection(provider)._endpoints.at = -1e9


def begin(client: Client, lang: str = "en", **query: str) -> str:
    """Where the service leads to, to sign in."""
    response = client.get(f"/{lang}/sign-in/openid?{urlencode(query)}", headers=BROWSER)
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def come_back(client: Client, address: str, headers: dict[str, str] = BROWSER, **changed: str | None) -> TestResponse:
    """What the service answers where the provider leads to, with some fields changed, or left out."""
    fields = {name: value for name, value in (query(address) | changed).items() if value is not None}
    return client.get(urlsplit(address).path, query_string=fields, headers=headers)


def attempt_of(client: Client) -> str:
    """What the browser keeps until it comes back."""
    attempt = client.get_cookie("openid", path=CALLBACK)
    assert attempt is not None
    assert (attempt.http_only, attempt.same_site) == (True, "Lax")
    return attempt.value


def led_back(provider: SmallProvider, who: str = "alice", *, agrees: bool = True) -> tuple[Client, str]:
    """A browser in which somebody signs in, and where the provider leads it back to."""
    client = signed_out(provider.app)
    return client, provider.follow(begin(client), who, agrees=agrees)


def sign_in(provider: SmallProvider, who: str = "alice") -> Account:
    """The account of somebody who signs in with the provider."""
    assert come_back(*led_back(provider, who)).status_code == 303
    person = account(provider, who)
    assert person is not None
    return person


def account(provider: SmallProvider, who: str = "alice") -> Account | None:
    return store.find(provider.app.extensions["module_registry"].client, account_id(provider.issuer, who))


def test_whoever_signs_in_comes_back_to_where_they_were(provider: SmallProvider) -> None:
    client = signed_out(provider.app)
    page = client.get("/fr/sign-in?next=/fr/modules/linkedin", headers=BROWSER).text
    assert "Se connecter avec <bdi>Example</bdi>" in page
    assert 'href="/fr/sign-in/openid"' in page
    asked = begin(client, "fr")
    fields = query(asked)
    assert fields["ui_locales"] == "fr"
    assert (fields["response_type"], fields["code_challenge_method"]) == ("code", "S256")
    assert fields["redirect_uri"] == "http://localhost/sign-in/openid/callback"
    response = come_back(client, provider.follow(asked))
    assert (response.status_code, response.headers["Location"]) == (303, "/fr/modules/linkedin")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert state(client)["voted"] == []
    person = account(provider)
    assert person is not None
    said = (person.status, person.role, person.name, person.email, person.locale)
    assert said == ("active", "member", "Alice Martin", "alice@example.com", "fr")
    assert client.post("/api/features/linkedin/interest").status_code == 204


@pytest.mark.parametrize(("who", "other", "expected"), table("verified.yaml"))
def test_an_account_is_active_at_once_with_a_verified_address_of_a_listed_domain_alone(
    provider: SmallProvider, who: str, other: dict[str, Any], expected: list[str]
) -> None:
    misbehave(provider, other)
    person = sign_in(provider, who)
    assert [person.status, person.email, person.locale] == expected


def test_a_suspended_account_stays_so_and_is_told_so(provider: SmallProvider, redis: Redis) -> None:
    person = sign_in(provider)
    store.set_status(redis, person.id, Status.SUSPENDED, by=OPERATOR)
    provider.accounts["alice"] = {"name": "Alice Durand"}
    client, back = led_back(provider)
    response = come_back(client, back)
    assert (response.status_code, "Your account is suspended" in response.text) == (403, True)
    assert client.get("/api/features").status_code == 401
    assert account(provider) == replace(person, status="suspended")


def test_name_and_address_are_kept_fresh_and_a_chosen_language_stays(provider: SmallProvider, redis: Redis) -> None:
    store.set_details(redis, sign_in(provider).id, locale="en", by=OPERATOR)
    fresh = {"name": " Alice\u202e \n Durand ", "email": "alice@durand.example", "email_verified": True, "locale": "fr"}
    provider.accounts["alice"] = fresh
    person = sign_in(provider)
    assert (person.name, person.email, person.locale) == ("Alice Durand", "alice@durand.example", "en")
    for less in ({"email": "other@durand.example", "email_verified": False, "name": ""}, {"email_verified": None}, {}):
        provider.accounts["alice"] = fresh
        assert sign_in(provider) == person
        provider.accounts["alice"] = fresh | less if less else {"locale": "fr"}
        assert sign_in(provider) == replace(person, email=""), "it is theirs no more, as far as anybody knows"


def test_who_declines_is_told_so_and_tries_again(provider: SmallProvider, redis: Redis) -> None:
    client, before = signed_out(provider.app), everything(redis)
    client.get("/fr/sign-in?next=/fr/graph", headers=BROWSER)
    back = provider.follow(begin(client), agrees=False)
    response = come_back(client, back, BROWSER | {"Accept-Language": "en"})
    assert response.status_code == 403
    # In the language of the page that they came from.
    assert "Vous n’êtes pas connecté" in response.text
    assert 'href="/fr/sign-in/openid"' in response.text
    assert everything(redis) == before
    assert come_back(client, provider.follow(begin(client))).headers["Location"] == "/fr/graph"


def test_an_answer_counts_once(provider: SmallProvider) -> None:
    """Also for a browser that has kept its attempt, and has the provider answer that one again."""
    client = signed_out(provider.app)
    asked = begin(client)
    attempt = attempt_of(client)
    back = provider.follow(asked)
    assert come_back(client, back).status_code == 303
    assert client.get_cookie("openid", path=CALLBACK) is None
    client.post("/sign-out")
    assert come_back(client, back).status_code == 410
    for again in (back, provider.follow(asked)):
        client.set_cookie("openid", attempt, path=CALLBACK)
        response = come_back(client, again)
        assert response.status_code == 410
        assert "This sign-in has expired" in response.text
        assert client.get("/api/features").status_code == 401


def test_an_answer_that_is_repeated_neither_asks_the_provider_again_nor_keeps_others_waiting(
    provider: SmallProvider,
) -> None:
    """And whom there is no place for may try the same answer again."""
    (stranger, junk), (honest, back) = led_back(provider), led_back(provider)
    attempt = attempt_of(stranger)

    def repeat() -> int:
        stranger.set_cookie("openid", attempt, path=CALLBACK)
        return come_back(stranger, junk, code="junk").status_code

    assert [repeat() for _ in range(3)] == [410] * 3
    assert provider.asked.count("/token") == 1
    with connection(provider).asking(), connection(provider).asking():
        refused = honest.get(back)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert "<h1>You cannot sign in right now</h1>" in honest.get(back, headers=BROWSER).text
        assert signed_out(provider.app).get("/en/sign-in/openid").status_code == 302, "it is known where to"
        assert repeat() == 410, "it takes no place"
    assert come_back(honest, back).status_code == 303


def test_an_answer_to_another_attempt_signs_nobody_in_and_leaves_ones_own(provider: SmallProvider) -> None:
    """Be it of another tab, or of somebody else: neither is one signed in as them, nor they as oneself (login CSRF)."""
    client, (_, unused) = signed_out(provider.app), led_back(provider, "bob")
    assert come_back(client, unused).status_code == 410
    earlier, later = (provider.follow(begin(client)) for _ in range(2))
    for back in (unused, earlier, f"{CALLBACK}?state=x&code=y", CALLBACK):
        assert come_back(client, back).status_code == 410
    assert "/token" not in provider.asked, "it is the state that tells"
    assert client.get("/api/features").status_code == 401
    assert come_back(client, later).status_code == 303
    client = signed_out(provider.app)
    assert come_back(client, unused, state=query(begin(client))["state"]).status_code == 410, "PKCE does"
    assert client.get("/api/features").status_code == 401
    assert account(provider, "bob") is None


def test_an_attempt_of_our_own_making_counts_alone_and_for_15_minutes(provider: SmallProvider) -> None:
    with signed_later(-16 * 60):
        late = led_back(provider)
    assert come_back(*late).status_code == 410
    client, back = led_back(provider)
    attempt = attempt_of(client)
    forged = attempt[:-9] + ("a" if attempt[-9] != "a" else "b") + attempt[-8:]
    for value in ("", "x", forged, attempt * 9):
        client.set_cookie("openid", value, path=CALLBACK)
        assert come_back(client, back).status_code == 410


def test_what_is_asked_over_https_names_no_place_without_it(provider: SmallProvider) -> None:
    issuer = "https://login.example.com"
    own, told = Provider(Settings(oidc_issuer=issuer), Bulkhead()), provider.description() | {"issuer": issuer}
    with pytest.raises(ProviderRefused, match="where its endpoint is"):
        own._described(told)
    safe = {name: str(value).replace("http:", "https:") for name, value in told.items() if isinstance(value, str)}
    assert own._described(told | safe).token.startswith("https:")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_trusted_is_refused(
    provider: SmallProvider, redis: Redis, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    row: dict[str, Any] = {"wrong": {}, "answer": {}, "status": 502, "agrees": True} | HOSTILE[name]
    client, back = led_back(provider, agrees=row["agrees"])
    misbehave(provider, row["wrong"])
    with caplog.at_level(logging.WARNING):
        response = come_back(client, back, **row["answer"])
    assert response.status_code == row["status"]
    assert ("Example could not sign you in" in response.text) == (row["status"] == 502)
    assert 'href="/en/sign-in/openid"' in response.text
    assert row["said"] in caplog.text and len(caplog.text) < 1000
    assert "eyJ" not in caplog.text and "\x1b" not in response.text + caplog.text
    assert "/elsewhere" not in provider.asked
    assert not row["answer"] or "/token" not in provider.asked
    assert client.get("/api/features").status_code == 401
    assert [key for key in everything(redis) if not key.startswith("{registry}:openid-spent:")] == []
    if "kind" in row:
        program, back = led_back(provider, agrees=row["agrees"])
        assert kind(come_back(program, back, {}, **row["answer"])) == row["kind"]


def test_a_hundred_keys_are_looked_at_and_of_each_what_is_public() -> None:
    """To look at a private RSA key may take a quarter of a second, and nothing else is done meanwhile."""
    key = signing_key("first").as_dict(private=False)
    assert len(asking._signing({"keys": [key | {"d": "AA"}] * 101})) == 100


def test_new_keys_are_found_out_about_and_nobody_makes_us_ask_for_them_again_and_again(
    provider: SmallProvider, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(provider)
    provider.asked.clear()
    connection(provider)._keys.at -= 11
    sign_in(provider)
    assert provider.asked.count("/jwks") == 0, "what is known is believed for an hour"
    connection(provider)._keys.at += 11
    provider.wrong = {"header": {"kid": "unknown"}}
    for _ in range(3):
        assert come_back(*led_back(provider)).status_code == 502
    assert provider.asked.count("/jwks") == 0, "they were asked for within the last 10 s"
    assert caplog.text.count("could not sign in") == 1, "nor fills the log"
    connection(provider)._logged -= 11
    assert come_back(*led_back(provider)).status_code == 502
    assert caplog.text.count("could not sign in") == 2
    provider.wrong, provider.key_name = {}, "second"
    connection(provider)._keys.at -= 11
    sign_in(provider)
    assert provider.asked.count("/jwks") == 1


@pytest.mark.parametrize("how", ["silent", "drip"])
def test_a_silent_provider_holds_few_threads_and_not_for_long_and_all_else_works(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(asking, "LONGEST", 0.3)
    provider.wrong = {how: [DESCRIPTION]}
    with connection(provider).asking(), connection(provider).asking():
        assert signed_out(provider.app).get("/en/sign-in/openid").status_code == 503
    assert provider.asked == []
    response = signed_out(provider.app).get("/en/sign-in/openid")
    assert (response.status_code, "within 0.3 s" in response.json["detail"]) == (503, True)
    page = signed_out(provider.app).get("/en/sign-in/openid", headers=BROWSER)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "1")
    assert "Example is not responding" in page.text
    wait_until(lambda: provider.asked)
    assert provider.asked == [DESCRIPTION], "it is left alone for a while"
    for path in ("/en/sign-in", "/api/modules-registry"):
        assert signed_out(provider.app).get(path).status_code == 200


def test_another_worker_finishes_with_a_newer_key(
    make_app: MakeApp, settings: dict[str, str], provider: SmallProvider, redis: Redis
) -> None:
    provider.app = make_app(**settings, secret_key="older")
    client, back = led_back(provider)
    other = signed_out(make_app(**settings, secret_key="newer", secret_key_fallbacks=("older",)))
    other.set_cookie("openid", attempt_of(client), path=CALLBACK)
    assert come_back(other, back).status_code == 303


def test_signing_out_leads_to_the_provider_and_back(provider: SmallProvider) -> None:
    client, back = led_back(provider)
    come_back(client, back)
    with connection(provider).asking(), connection(provider).asking():  # by others who sign in
        response = client.post("/sign-out", headers=BROWSER)
    away = response.headers["Location"]
    assert (response.status_code, away.partition("?")[0]) == (303, f"{provider.issuer}/session/end")
    assert query(away) == {"client_id": CLIENT_ID, "post_logout_redirect_uri": "http://localhost/"}
    assert client.get("/api/features").status_code == 401
    come_back(client, provider.follow(begin(client)))
    assert client.post("/sign-out").json == {"next": away}
    assert client.post("/sign-out").status_code == 204  # nobody is signed in any more

    for place in ("", "ftp://127.0.0.1/"):  # it has no part in it
        misbehave(provider, {"metadata": {"end_session_endpoint": place}})
        come_back(client, provider.follow(begin(client)))
        response = client.post("/sign-out", headers=BROWSER)
        assert (response.status_code, response.headers["Location"]) == (303, "/en/")
        assert client.get("/api/features").status_code == 401


def test_a_silent_provider_keeps_nobody_waiting_who_signs_out(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, back = led_back(provider)
    come_back(client, back)
    monkeypatch.setattr(asking, "LONGEST", 0.3)
    misbehave(provider, {"silent": [DESCRIPTION]})
    provider.asked.clear()
    assert client.post("/sign-out", headers=BROWSER).headers["Location"].startswith(f"{provider.issuer}/session/end?")
    assert provider.asked == [], "where to is known"
    connection(provider)._endpoints = asking._Kept()
    assert [signed_in(provider.app, "alice", _openid=True).post("/sign-out").status_code for _ in range(3)] == [204] * 3
    wait_until(lambda: provider.asked)
    assert provider.asked == [DESCRIPTION], "it is left alone for a while"


def test_nobody_is_led_to_the_provider_unasked_or_elsewhere(provider: SmallProvider) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch;prerender"}):
        response = signed_out(provider.app).get("/fr/sign-in/openid?next=/fr/graph", headers=BROWSER | headers)
        assert (response.status_code, response.headers["Location"]) == (302, "/fr/sign-in?next=%2Ffr%2Fgraph")
        assert "Set-Cookie" not in response.headers
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "/en/\r\nX: y"):
        client = signed_out(provider.app)
        back = provider.follow(begin(client, next=elsewhere))
        assert come_back(client, back).headers["Location"] == "/fr/"  # Alice's own language


@pytest.mark.long
def test_without_authlib_all_else_works() -> None:
    """It is an extra: what is not configured imports nothing of it."""
    blocked = "import sys; sys.modules.update(dict.fromkeys(['authlib', 'joserfc', 'cryptography'])); "
    imported = f"{blocked}import service.web.app, service.cli.serve, service.cli.accounts"
    subprocess.run([sys.executable, "-c", imported], cwd=REPOSITORY, check=True, timeout=DEADLINE)


def test_the_sign_in_page_has_the_ways_in_that_are_configured(
    make_app: MakeApp, make_once: MakeApp, settings: dict[str, str]
) -> None:
    client = signed_out(make_once())
    assert "openid" not in client.get("/en/sign-in").text
    assert client.get("/en/sign-in/openid").status_code == 404
    assert client.get(f"{CALLBACK}?state=x&code=y").status_code == 404
    settings = settings | {"oidc_name": "", "sign_in_url": "https://app.example.com/login?to={next}"}
    client = signed_out(make_app(**settings))
    bar = client.get("/fr/graph").text
    policy = client.get("/fr/graph").headers["Content-Security-Policy"]
    assert f"form-action 'self' {settings['oidc_issuer']};" in f"{policy};", "signing out leads there"
    assert 'href="/fr/sign-in?next=%2Ffr%2Fgraph"' in bar
    assert "app.example.com" not in bar
    page = client.get("/fr/sign-in?next=/fr/graph").text
    assert f"Se connecter avec <bdi>{urlsplit(settings['oidc_issuer']).netloc}</bdi>" in page
    assert 'href="/fr/sign-in/openid"' in page
    assert 'href="https://app.example.com/login?to=http%3A%2F%2Flocalhost%2Ffr%2Fgraph"' in page


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record for record in caplog.records if record.exc_info]
