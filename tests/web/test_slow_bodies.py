"""Bodies that never come, of those who may send none, and sign-ins with a slow provider, against a real `serve`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from statistics import median

import pytest
from small_provider import SmallProvider
from support import DEADLINE, OPERATOR, AnyClient, Serve, session_cookie, wait_until

from service.accounts.model import Account
from service.accounts.store import add
from service.cli.supervisor import LONGEST_STOP

KEY = "shared with the platform"
#: How many connections of each kind are open at once, and how many bodies members send meanwhile.
AT_ONCE, WHOLE = 64, 200
#: How long a member's body may take, and a document, in seconds.
LONGEST, LONGEST_DOCUMENT = 3.0, 0.05

pytestmark = pytest.mark.long


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """One that says nothing when it is asked for a token: each sign-in takes as long as is waited for it, 5 s."""
    with SmallProvider() as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        provider.wrong = {"silent": ["/token"]}
        yield provider
        provider.closing.set()
        provider.shutdown()


@pytest.fixture
def service(serve: Callable[..., Serve], valkey_url: str, provider: SmallProvider, redis: AnyClient) -> Serve:
    for number in range(WHOLE):
        add(redis, Account(f"member{number}", "active"), by=OPERATOR)
    for status in ("pending", "suspended"):
        for number in range(AT_ONCE):
            add(redis, Account(f"{status}{number}", status), by=OPERATOR)
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": KEY, "SESSION_COOKIE_SECURE": "false"}
    oidc = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": "registry", "OIDC_CLIENT_SECRET": "secret"}
    return serve("--workers", "2", **settings, **oidc, PUBLIC_URL="http://127.0.0.1:8000")


def connected(service: Serve) -> HTTPConnection:
    host, _, port = service.url.removeprefix("http://").partition(":")
    return HTTPConnection(host, int(port), timeout=DEADLINE)


def begun(service: Serve, path: str, account: str | None) -> socket.socket:
    """A connection on which a request has begun whose body does not come."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=DEADLINE)
    cookie = f"Cookie: {session_cookie(KEY, account)}\r\n" if account else ""
    head = f"{path} HTTP/1.1\r\nHost: x\r\n{cookie}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    connection.sendall(head.encode() + b"{  ")
    return connection


def ask(service: Serve, method: str, path: str, account: str | None = None, body: bytes = b"") -> HTTPResponse:
    connection = connected(service)
    cookie = {"Cookie": session_cookie(KEY, account)} if account else {}
    connection.request(method, path, body, {"Content-Type": "application/json", **cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@contextmanager
def signing_in(service: Serve, issuer: str) -> Iterator[None]:
    """So many who sign in by the provider, again and again; nobody gets through."""
    ending = threading.Event()

    def sign_in() -> None:
        while not ending.is_set():
            begin = ask(service, "GET", "/en/sign-in/openid")
            if begin.status == 302:
                cookie = (begin.getheader("Set-Cookie") or "").partition(";")[0]
                state = (begin.getheader("Location") or "").partition("state=")[2].partition("&")[0]
                connection = connected(service)
                path = f"/sign-in/openid/callback?code=junk&state={state}&iss={issuer}"
                connection.request("GET", path, headers={"Cookie": cookie})
                connection.getresponse().read()
                connection.close()
            ending.wait(1)  # as Retry-After says

    with ThreadPoolExecutor(AT_ONCE) as pool:
        trying = [pool.submit(sign_in) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            ending.set()
    for one in trying:
        one.result()


def timed(action: Callable[[], HTTPResponse]) -> tuple[float, HTTPResponse]:
    began = time.monotonic()
    answer = action()
    return time.monotonic() - began, answer


def test_nobody_waits_for_bodies_of_strangers_and_a_slow_provider(service: Serve, provider: SmallProvider) -> None:
    kinds = {
        "POST /api/feedback": ("pending", "suspended", "removed"),
        "POST /en/account": ("suspended", "removed"),
        "PUT /api/me/locale": ("pending",),
        "POST /sign-in": (None,),
    }
    with ExitStack() as held, signing_in(service, provider.issuer):
        for path, accounts in kinds.items():
            for account in accounts:
                for number in range(AT_ONCE):
                    held.enter_context(begun(service, path, account and f"{account}{number}"))
        wait_until(lambda: "/token" in provider.asked)

        def send(number: int) -> tuple[float, HTTPResponse]:
            body = b'{"locale": "fr"}'
            return timed(lambda: ask(service, "PUT", "/api/me/locale", f"member{number}", body))

        def look(_: int) -> tuple[float, HTTPResponse]:
            return timed(lambda: ask(service, "GET", "/api/modules"))

        def vote(number: int) -> tuple[float, HTTPResponse]:
            return timed(lambda: ask(service, "POST", "/api/features/linkedin/interest", f"member{number}"))

        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(send, number) for number in range(WHOLE)]
            looks = [look(number) for number in range(WHOLE)]
            sent_all = [one.result() for one in sent]
            votes = list(pool.map(vote, range(WHOLE)))
    in_time = [took for took, answer in sent_all if answer.status == 204 and took < LONGEST]
    assert len(in_time) >= 0.95 * WHOLE
    assert all(answer.status == 204 or answer.getheader("Retry-After") for _, answer in sent_all)
    assert {answer.status for _, answer in looks} == {200}
    assert median(took for took, _ in looks) < LONGEST_DOCUMENT
    assert {answer.status for _, answer in votes} == {204}


def test_a_late_body_is_told_so_and_holds_up_neither_others_nor_a_stop(service: Serve) -> None:
    with begun(service, "PUT /api/me/locale", "member0") as connection:
        head = connection.recv(65536).lower()
        assert head.startswith(b"http/1.1 408 ")
        assert b"\r\nconnection: close\r\n" in head
        assert ask(service, "GET", "/api/modules").status == 200
        assert ask(service, "PUT", "/api/me/locale", "member1", b'{"locale": "fr"}').status == 204
        told = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - told < LONGEST_STOP
