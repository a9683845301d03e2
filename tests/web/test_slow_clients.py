"""Clients that are slow or silent, and bodies that never come, against a real `serve`: nobody else waits."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import product
from pathlib import Path
from statistics import median

import nginx
import pytest
from application import Start
from small_provider import SmallProvider
from support import DEADLINE, AnyClient, Serve, add_accounts, session_cookie, wait_until, wait_until_all_listen
from traffic import KEY, connected

from service.cli.supervisor import LONGEST_STOP

SILENT, DRIPPING = 5000, 200
#: How much longer others may wait than without slow clients, at best. Medians say nothing on a busy machine: an answer
#: takes 0.4 ms, or 8 ms where its process waits for time slices of others, and most of a series can be of either kind.
MUCH_LONGER = 5
#: A new client waits for less than any slow one is given, in seconds, also while the machine is busy.
LONGEST_WAIT = 5.0
#: How many connections of each kind are open at once, and how many bodies members send meanwhile, as many at once.
AT_ONCE, WHOLE = 64, 200
#: How long a member's body may take, and a document, in seconds.
LONGEST, LONGEST_DOCUMENT = 3.0, 0.05

pytestmark = pytest.mark.long


@pytest.fixture
def service(serve: Start, valkey_url: str, provider: SmallProvider, redis: AnyClient) -> Serve:
    add_accounts(redis, *(f"member{number}" for number in range(WHOLE)))
    for status in ("pending", "suspended"):
        add_accounts(redis, *(f"{status}{number}" for number in range(AT_ONCE)), status=status)
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": KEY, "SESSION_COOKIE_SECURE": "false"}
    provider.wrong = {"silent": ["/token"]}  # each sign-in takes as long as is waited for it, 5 s
    oidc = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": "registry", "OIDC_CLIENT_SECRET": "secret"}
    return serve("--workers", "2", **settings, **oidc, PUBLIC_URL="http://127.0.0.1:8000")


def begun(service: Serve, path: str, account: str | None) -> socket.socket:
    """A connection on which a request has begun whose body does not come."""
    connection = connected(service.url)
    cookie = f"Cookie: {session_cookie(KEY, account)}\r\n" if account else ""
    head = f"{path} HTTP/1.1\r\nHost: x\r\n{cookie}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    connection.sendall(head.encode() + b"{  ")
    return connection


#: How long an answer took to come, in seconds, and what it is.
Timed = tuple[float, nginx.Answer]


def ask(service: Serve, asked: str, cookie: str = "", body: bytes = b"") -> Timed:
    """The answer to a method and a path."""
    began, (method, path) = time.monotonic(), asked.split()
    answer = nginx.ask(service.url, path, method, body, content_type="application/json", cookie=cookie)
    return time.monotonic() - began, answer


def choose(service: Serve, number: int) -> Timed:
    """A member's body that is whole."""
    return ask(service, "PUT /api/me/locale", session_cookie(KEY, f"member{number}"), b'{"locale": "fr"}')


@contextmanager
def signing_in(service: Serve, issuer: str) -> Iterator[None]:
    """So many who sign in by the provider, again and again; nobody gets through."""
    ending = threading.Event()

    def sign_in() -> None:
        while not ending.is_set():
            _, begin = ask(service, "GET /en/sign-in/openid")
            if begin.status == 302:
                cookie = begin.headers["Set-Cookie"].partition(";")[0]
                state = begin.headers["Location"].partition("state=")[2].partition("&")[0]
                ask(service, f"GET /sign-in/openid/callback?code=junk&state={state}&iss={issuer}", cookie)
            ending.wait(1)  # as Retry-After says

    with ThreadPoolExecutor(AT_ONCE) as pool:
        trying = [pool.submit(sign_in) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            ending.set()
    for each in trying:
        each.result()


def test_nobody_waits_for_bodies_of_strangers_and_a_slow_provider(service: Serve, provider: SmallProvider) -> None:
    kinds: dict[str, tuple[str | None, ...]] = {
        "POST /api/feedback": ("pending", "suspended", "removed"),
        "POST /en/account": ("suspended", "removed"),
        "PUT /api/me/locale": ("pending",),
        "POST /sign-in": (None,),
    }

    def vote(number: int) -> Timed:
        return ask(service, "POST /api/features/linkedin/interest", session_cookie(KEY, f"member{number}"))

    with ExitStack() as held, signing_in(service, provider.issuer):
        for path, accounts in kinds.items():
            for account, number in product(accounts, range(AT_ONCE)):
                held.enter_context(begun(service, path, account and f"{account}{number}"))
        wait_until(lambda: "/token" in provider.asked)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sending = [pool.submit(choose, service, number) for number in range(WHOLE)]
            looks = [ask(service, "GET /api/modules") for _ in range(WHOLE)]
            sent = [each.result() for each in sending]
            votes = list(pool.map(vote, range(WHOLE)))
    assert sum(answer.status == 204 and took < LONGEST for took, answer in sent) >= 0.95 * WHOLE
    assert all(answer.status == 204 or answer["Retry-After"] for _, answer in sent)
    assert ({answer.status for _, answer in looks}, {answer.status for _, answer in votes}) == ({200}, {204})
    assert median(took for took, _ in looks) < LONGEST_DOCUMENT


def test_a_late_body_is_told_so_and_holds_up_neither_others_nor_a_stop(service: Serve) -> None:
    with begun(service, "PUT /api/me/locale", "member0") as connection:
        head = connection.recv(65536).lower()
        assert head.startswith(b"http/1.1 408 ")
        assert b"\r\nconnection: close\r\n" in head
        assert (ask(service, "GET /api/modules")[1].status, choose(service, 1)[1].status) == (200, 204)
        told = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - told < LONGEST_STOP


def answer_time(service: Serve) -> float:
    """How long a new client waits for an answer, in seconds."""
    took, answer = ask(service, "GET /api/modules-registry")
    assert answer.status == 200
    return took


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may have as many connections as these tests open, and a worker as many as it holds."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2 * SILENT:
        pytest.skip(f"a process may have {limits[1]} open files (ulimit -Hn), and {2 * SILENT} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def files(service: Serve) -> int:
    """How many files its workers have open."""
    return sum(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in service.workers)


@contextmanager
def dripping(connections: list[socket.socket]) -> Iterator[None]:
    """Send a byte a second on each of the connections."""
    done = threading.Event()

    def drip() -> None:
        while not done.wait(1):
            for connection in connections:
                with suppress(OSError):  # the server has had enough of this one
                    connection.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.usefixtures("many_files")
def test_silent_and_dripping_connections_keep_nobody_waiting(serve: Start, valkey_url: str) -> None:
    """Beside a service that has no such connections, asked in turns: the machine may be busy with other things."""
    service, other = (serve("--workers", "2", REDIS_URL=valkey_url, SECRET_KEY=KEY) for _ in range(2))
    for each in (service, other):  # until what they open by themselves and keep for later is there
        wait_until_all_listen(each, 2)
        assert max(answer_time(each) for _ in range(100)) < DEADLINE
    files_before = files(service)
    with ExitStack() as stack:
        held = [stack.enter_context(connected(service.url)) for _ in range(SILENT + DRIPPING)]
        for connection in held[:DRIPPING]:
            connection.sendall(b"GET /api/modules-registry HTTP/1.1\r\nX-Slow: ")
        with dripping(held[:DRIPPING]):
            wait_until(lambda: files(service) >= files_before + SILENT + DRIPPING)
            alone, beside = zip(*((answer_time(other), answer_time(service)) for _ in range(300)), strict=True)
            assert files(service) >= files_before + SILENT  # they are still there
            waits = list(beside)
            # They are closed when the time for a request's head is up.
            wait_until(lambda: waits.append(answer_time(service)) or files(service) <= files_before + 2, 3 * DEADLINE)
    assert min(beside) < MUCH_LONGER * min(alone)
    assert max(waits) < LONGEST_WAIT
