"""Sign-in links: what they show, and what redeems them; and session cookies, theirs and those of the platform."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from application import BROWSER, VOTE, MakeApp, MakeLink, SignIn, Slow, signed_in, signed_later, signed_out, token_of
from contract import Client, kind, platform_cookie
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, current_user
from flask_login.utils import encode_cookie
from itsdangerous.encoding import base64_encode
from redis import Redis
from support import everything, session_cookie, wait_until
from web.pages.markup import parse

from service.settings.redis_url import RedisUrl
from service.storage.client import Client as StorageClient

READ, UNKNOWN = "/api/features", "/api/features/nowhere/interest"


def answers(client: Client) -> list[int]:
    """The statuses of a read, a vote, its retraction, and of a vote for what nobody can vote for."""
    asked = [("GET", READ), ("POST", VOTE), ("DELETE", VOTE), ("POST", UNKNOWN)]
    return [client.open(path, method=method).status_code for method, path in asked]


SIGNED_IN, SIGNED_OUT = [200, 204, 204, 404], [401] * 4


@pytest.fixture
def by_link(app: Flask, link: MakeLink) -> Callable[[], Client]:
    """Alice, signed in by a link of her own; once more at each call."""

    def by_link() -> Client:
        client = signed_out(app)
        assert client.post(link()).status_code == 200
        return client

    return by_link


def platform_of(key: str) -> Flask:
    """Another application, whose sessions are signed with this key."""
    platform = Flask("platform")
    platform.secret_key = key
    return platform


def test_the_platforms_flask_login_knows_who_has_signed_in_by_a_link(app: Flask, by_link: Callable[[], Client]) -> None:
    platform = platform_of(str(app.secret_key))
    platform.config["SESSION_PROTECTION"] = "strong"
    LoginManager(platform).user_loader(lambda account_id: SimpleNamespace(name=account_id))
    platform.add_url_rule("/", view_func=lambda: str(current_user.name))
    client = platform.test_client()
    client.set_cookie("session", by_link().get_cookie("session").value)  # type: ignore[union-attr]
    assert client.get("/").text == "alice"


def test_signing_out_ends_every_session_and_copies_of_its_cookie(
    app: Flask, by_link: Callable[[], Client], link: MakeLink
) -> None:
    first, elsewhere, copy, unspent = by_link(), by_link(), signed_out(app), link()
    copy.set_cookie("session", first.get_cookie("session").value)  # type: ignore[union-attr]
    assert first.post("/sign-out").status_code == 204
    assert [answers(client) for client in (first, elsewhere, copy)] == [SIGNED_OUT] * 3
    assert signed_out(app).post(unspent).status_code == 410
    alice = by_link()
    assert elsewhere.post("/sign-out").status_code == 204, "one that has ended ends no other"
    assert elsewhere.get_cookie("session") is None
    assert answers(alice) == SIGNED_IN


def test_signing_out_without_redis_can_be_tried_again(app: Flask, alice: Client, redis: Redis) -> None:
    before = redis.hget("{registry}:account:alice", "generation")
    alice = signed_in(app, "alice", _generation=before)
    gone = StorageClient(RedisUrl.parse("unix:///nowhere/valkey.sock"), 1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.extensions, "module_registry", replace(app.extensions["module_registry"], client=gone))
        response = alice.post("/sign-out")
    assert (kind(response), "Set-Cookie" in response.headers) == ("storage-unavailable", False)
    assert alice.post("/sign-out").status_code == 204
    assert redis.hget("{registry}:account:alice", "generation") != before


def test_a_new_session_keeps_nothing_of_the_one_before(alice: Client, app: Flask, link: MakeLink) -> None:
    alice.set_cookie("session", platform_cookie(app, _user_id="alice", _permanent=True, csrf="x"))
    assert alice.post(link("bob")).status_code == 200
    with alice.session_transaction() as kept:
        assert kept["_user_id"] == "bob" and {"csrf", "_permanent"}.isdisjoint(kept)


def test_cookie_flags(make_app: MakeApp, link: MakeLink) -> None:
    for setting, secure in ((None, True), (False, False)):
        response = signed_out(make_app(session_cookie_secure=setting)).post(link())
        flags = {*response.headers["Set-Cookie"].split("; ")}
        assert flags & {"HttpOnly", "SameSite=Lax", "Secure"} == {"HttpOnly", "SameSite=Lax", *["Secure"] * secure}


def test_a_retired_key_is_accepted_and_never_used_to_sign(make_app: MakeApp, sign_in: SignIn, link: MakeLink) -> None:
    sign_in("bob")
    client = signed_out(make_app(secret_key="new", secret_key_fallbacks=("old", "older")))
    for key in ("old", "older", "new"):
        client.set_cookie("session", session_cookie(key, "bob").removeprefix("session="))
        assert client.get(READ).status_code == 200
    client.post(link("alice"))
    signer = SecureCookieSessionInterface().get_signing_serializer(platform_of("new"))
    assert signer.loads(client.get_cookie("session").value)["_user_id"] == "alice"  # type: ignore[union-attr]


def test_a_session_ends_after_31_days_wherever_it_was_seen(
    alice: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flask's PERMANENT_SESSION_LIFETIME, which the platform has not changed."""
    for days, status in ((30, 200), (32, 401), (0, 200)):
        with signed_later(-days * 86400):
            alice.set_cookie("session", platform_cookie(app, _user_id="alice"))
        assert alice.get(READ).status_code == status
    monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", timedelta(seconds=-1))
    assert alice.get(READ).status_code == 401


def test_a_session_from_the_future_counts_for_a_day_and_is_told_of_once(
    make_app: MakeApp, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    """A clock was set back, or the platform's is ahead."""
    sign_in("alice")
    app = make_app()
    for hours, status in ((3, 200), (23, 200), (25, 401)):
        with signed_later(hours * 3600):
            client = signed_in(app, "alice")
        assert client.get(READ).status_code == status
    [told] = [message for message in caplog.messages if "clock" in message]
    assert re.match(r"A session was signed 10\d\d\d s from now: the clock of this machine was set back, or", told)


@pytest.mark.usefixtures("alice")
def test_a_cookie_of_another_key_or_shape_signs_nobody_in(app: Flask) -> None:
    cookies = ["session=", "session=a.b.c", "session=\xff\xfe; =", ";;=;", "remember_token=x|\xff", "session=eyJh"]
    cookies += [f"session={platform_cookie(platform_of('forged'), _user_id='alice')}"]
    with app.app_context():
        token = encode_cookie("alice")  # which nothing here revokes
    cookies += [f"remember_token={token}", f"={token}", token, f'""={token}']
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    signer = serializer.make_signer(serializer.salt)
    # Signed by hand, since the serializer would tag these values.
    for payload in ([1], "x", {" t": "x"}, {" u": "zz"}):
        cookies.append(f"session={signer.sign(base64_encode(json.dumps(payload).encode())).decode()}")
    client = app.test_client(use_cookies=False)
    for cookie in cookies:
        for method, path, answer in (("GET", READ, 401), ("POST", VOTE, 401), ("POST", "/sign-out", 204)):
            sent = {"HTTP_COOKIE": cookie}
            assert client.open(path, method=method, environ_overrides=sent).status_code == answer, cookie
    other = f"name=Caf\xe9; session={platform_cookie(app, _user_id='alice')}"  # a byte that is not UTF-8
    assert client.get(READ, environ_overrides={"HTTP_COOKIE": other}).status_code == 200, "of another application"


USED = {"account": "alice", "status": "active"}


def statuses(client: Client, url: str) -> list[int]:
    return [client.open(url, method=method).status_code for method in ("GET", "HEAD", "POST")]


def test_a_link_works_once(client: Client, link: MakeLink, redis: Redis) -> None:
    """Whatever is answered keeps its address to itself, and the store keeps no token that can be read."""
    url = f"{link('pia', 'pending')}&nonce=random-number"
    shown, signed = client.get(url), client.post(url)
    assert shown.json and signed.json == {"account": "pia", "status": "pending"}
    assert shown.json["account"] == "pia"
    left = datetime.fromisoformat(shown.json["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert client.get("/api/features").status_code == 200
    refused = [client.open(url.partition("&")[0], method=method) for method in ("POST", "GET")]
    for response in refused:
        assert (response.status_code, kind(response)) == (410, "sign-in-refused")
        assert "has been used" in response.text
        assert "accounts sign-in-link" in response.text
    assert client.head(url).status_code == 410
    for response in (shown, signed, *refused, client.get("/sign-in")):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
    for secret in (token_of(url), "random-number"):
        assert secret not in str(everything(redis))


def test_of_fifty_clients_with_one_link_one_is_signed_in(app: Flask, link: MakeLink) -> None:
    url, clients = link(), [signed_out(app) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda client: client.post(url).status_code, clients))
    assert sorted(answers) == [200] + [410] * 49
    assert [client.get("/api/features").status_code == 200 for client in clients] == [each == 200 for each in answers]


def test_a_lost_answer_does_not_cost_the_link(app: Flask, redis: Redis, link: MakeLink) -> None:
    url = f"{link()}&nonce=mine"
    assert [signed_out(app).post(url).json for _ in range(3)] == [USED] * 3
    for other in ("nonce=other", "nonce=", ""):
        assert signed_out(app).post(url.replace("nonce=mine", other)).status_code == 410
    assert expired(redis) <= 60
    assert signed_out(app).post(url).status_code == 410
    unspent = link()
    assert expired(redis) <= 15 * 60
    assert statuses(signed_out(app), unspent) == [410] * 3


def expired(redis: Redis) -> int:
    """In how many seconds the one link is forgotten, as which it is now."""
    [key] = redis.keys("{registry}:sign-in-token:*")
    left = int(redis.ttl(key))
    assert left > 0
    redis.pexpire(key, 1)
    wait_until(lambda: not redis.exists(key))
    return left


def test_the_button_of_the_page_signs_in_without_a_body(app: Flask, link: MakeLink) -> None:
    url = link()
    response = signed_out(app).get(url, headers=BROWSER)
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    # The origin alone; with no-referrer a browser would say `Origin: null` below, and be refused.
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["Cache-Control"] == "no-store"
    action = parse(response.text).one("main").one("form").attributes["action"]
    browser = {**BROWSER, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answers = [signed_out(app).post(action, headers=browser) for _ in range(2)]  # since one was lost
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/en/")] * 2
    assert signed_out(app).post(action).json == USED
    other = parse(signed_out(app).get(link(), headers=BROWSER).text).one("main").one("form")
    assert other.attributes["action"] != action


def test_an_account_id_is_text_on_the_page(client: Client, redis: Redis, link: MakeLink) -> None:
    account_id = "</bdi><form><script>alert(1)</script>\"'&amp;a\u202eb"
    redis.hset(f"{{registry}}:account:{account_id}", mapping={"status": "active"})
    page = parse(client.get(link(account_id), headers=BROWSER).text)
    # One form signs in, and two close the palette and the list of keys.
    assert [len(page.all(tag)) for tag in ("form", "bdi", "script")] == [3, 1, 2]
    assert account_id.replace("\u202e", "\\u202e") in page.text


def test_a_body_is_refused_unread_and_the_link_is_not_spent(client: Client, link: MakeLink) -> None:
    url = link()
    body = Slow(b"{}")
    in_chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for framing, status in (({"CONTENT_LENGTH": "2"}, 413), (in_chunks, 411)):
        for address in (url, "/sign-in"):
            refused = client.post(address, environ_overrides={"wsgi.input": body, **framing})
            assert refused.status_code == status
    assert not body.asked.is_set()
    assert client.post(url).json == USED
