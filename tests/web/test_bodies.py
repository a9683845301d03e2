"""Bodies: of those who may send one, one each, some at once and not for long: no other request waits for them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from io import BytesIO
from itertools import product
from threading import Condition
from unittest.mock import Mock

import pytest
from application import SignIn, Slow, signed_in, signed_out, table
from contract import Client
from flask import Flask
from support import DEADLINE, wait_until
from werkzeug.test import TestResponse

from service.web import admission
from service.web.bulkhead import Bulkhead

#: How many are read at once, and how many threads wait for those who have no active account.
AT_ONCE, STRANGERS = 4, 2

BODY = b'{"module": "sms_campaign", "message": "Please"}'
LOCALE = b'{"locale": "fr"}'

#: Where bodies are taken, by who may send one.
TAKEN = table("taken.yaml")


def send(client: Client, body: Slow, path: str = "/api/feedback", method: str = "POST") -> TestResponse:
    headers = {"CONTENT_LENGTH": str(len(body.getvalue())), "CONTENT_TYPE": "application/json"}
    return client.open(path, method=method, environ_overrides={"wsgi.input": body, **headers})


@contextmanager
def held(client: Client, path: str = "/api/feedback", method: str = "POST") -> Iterator[None]:
    """A body that is being read, and comes in the end."""
    body = Slow(LOCALE if path.endswith("locale") else BODY)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(send, client, body, path, method)
        try:
            assert body.asked.wait(DEADLINE)
            yield
        finally:
            body.arrived.set()


def ask(client: Client) -> TestResponse:
    return client.post("/api/feedback", data=BODY, content_type="application/json")


def choose(client: Client) -> int:
    return client.put("/api/me/locale", data=LOCALE, content_type="application/json").status_code


@pytest.mark.parametrize("who", TAKEN)
def test_of_whoever_may_not_send_it_no_body_is_read(app: Flask, sign_in: SignIn, who: str) -> None:
    sign_in("gone")
    ended = signed_in(app, "gone", _generation="before")
    refused = [(signed_out(app), 401), (signed_in(app, "nobody"), 401), (sign_in("s", "suspended"), 401), (ended, 401)]
    refused += [(sign_in("p", "pending"), 403)] if who != "readers" else []
    refused += [(sign_in("m"), 403)] if who == "admins" else []
    for (client, status), where in product(refused, TAKEN[who]):
        method, path = where.split()
        body = Slow(BODY)
        assert send(client, body, path, method).status_code == status, where
        assert not body.asked.is_set()


#: Forms, and the size of the largest body that each takes.
LARGEST = {"account": 1024, "admin/person?id=alice": 4096, "admin/person/erase?id=alice": 4096}
LARGEST["modules/sms_campaign/request"] = 64 * 1024


@pytest.mark.parametrize(("where", "largest"), LARGEST.items())
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_view_takes_a_body_of_its_size_and_no_larger_one(
    sign_in: SignIn, where: str, largest: int, is_chunked: bool
) -> None:
    ada, _ = sign_in("ada", role="admin"), sign_in("alice")
    for size, status in ((0, 422), (largest, 422), (largest + 1, 413)):
        sent = {"wsgi.input": BytesIO(b"x" * size), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        sent |= chunked if is_chunked else {"CONTENT_LENGTH": str(size)}
        assert ada.post(f"/en/{where}", environ_overrides=sent).status_code == status


def test_those_who_wait_are_half_of_the_threads_and_strangers_a_quarter(app: Flask, sign_in: SignIn) -> None:
    members = [sign_in(f"member{number}") for number in range(AT_ONCE + 1)]
    pending = [sign_in(f"pending{number}", "pending") for number in range(2)]
    bulkhead = app.extensions["module_registry"].bulkhead
    with ExitStack() as holding:
        holding.enter_context(held(pending[0], "/api/me/locale", "PUT"))
        assert [choose(each) for each in pending] == [503, 503], "all of them together send one"
        tried = bulkhead.enter(None), bulkhead.enter(None)
        assert tried == (True, False), "a sign-in by a provider finds a place beside it"
        for member in members[: AT_ONCE - STRANGERS]:
            holding.enter_context(held(member))
        bulkhead.leave(None)
        holding.enter_context(held(members[AT_ONCE - STRANGERS]))
        assert not bulkhead.enter(None)
        assert ask(members[-1]).status_code == 503
        assert signed_out(app).get("/api/modules-registry").status_code == 200
    assert ask(members[-1]).status_code == 201
    assert choose(pending[1]) == 204


def test_a_late_body_is_408_and_keeps_its_place_until_the_client_leaves(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alice, body = sign_in("alice"), Slow(BODY)
    monkeypatch.setattr(admission, "LONGEST_BODY", 0.01)
    late = send(alice, body)
    assert (late.status_code, late.headers["Connection"]) == (408, "close")
    assert "within 0.01 s" in late.json["detail"]
    assert ["alice" in line for line in caplog.messages] == [True]
    monkeypatch.setattr(admission, "LONGEST_BODY", DEADLINE)
    refused = ask(alice)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1"), "an account sends one at a time"
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(late.close)
        assert not ending.done(), "granian would stand still if the answer ended before the reading"
        body.arrived.set()
        ending.result(DEADLINE)
    wait_until(lambda: ask(alice).status_code == 201)


def test_a_body_that_was_cut_off_is_400_and_nothing_is_kept_of_it(alice: Client) -> None:
    """granian hands on what has come before a client has left, as if it were the whole."""
    cut = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "100"}
    refused = alice.post("/api/feedback", data=BODY, content_type="application/json", environ_overrides=cut)
    assert (refused.status_code, "cut off: 47 bytes of 100" in refused.json["detail"]) == (400, True)
    assert ask(alice).status_code == 201


def test_a_place_is_given_back_also_where_no_thread_begins(app: Flask, alice: Client) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "Thread", Mock(return_value=Mock(start=Mock(side_effect=RuntimeError))))
        assert [ask(alice).status_code for _ in range(AT_ONCE + 1)] == [503] * (AT_ONCE + 1)
    assert ask(alice).status_code == 201


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each of those who wait for a place in the `bulkhead` will."""
    begun: list[float] = []

    class Noting(Condition):
        def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
            begun.append(timeout or 0)
            return super().wait_for(predicate, timeout)

    monkeypatch.setattr("service.web.bulkhead.Condition", Noting)
    return begun


def test_a_place_that_is_free_goes_to_whoever_may_have_it(waiting: list[float]) -> None:
    bulkhead, held = Bulkhead(), [*"abcd"]
    assert all(map(bulkhead.enter, held))
    with ThreadPoolExecutor(3) as pool:
        twice = [pool.submit(bulkhead.enter, "x", 3 * DEADLINE) for _ in range(2)]
        wait_until(lambda: len(waiting) == 2)
        bulkhead.leave(held[0])
        wait_until(lambda: sum(each.done() for each in twice) == 1)
        other = pool.submit(bulkhead.enter, "y", 3 * DEADLINE)
        wait_until(lambda: len(waiting) == 3)
        bulkhead.leave(held[1])
        try:
            assert other.result(DEADLINE)
        finally:
            bulkhead.leave("x")
        assert [each.result(DEADLINE) for each in twice] == [True, True]


def test_nobody_waits_where_no_member_has_come_or_left_for_as_long(
    waiting: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    bulkhead, now = Bulkhead(), [0.0]
    monkeypatch.setattr("service.web.bulkhead.monotonic", lambda: now[0])
    assert all(map(bulkhead.enter, ["a", "b", "c", None]))
    now[0] = 0.02
    bulkhead.leave(None)
    assert bulkhead.enter(None)
    assert (bulkhead.enter("x", 0.01), waiting) == (False, [])
    bulkhead.leave("a")
    assert bulkhead.enter("y")
    assert (bulkhead.enter("x", 0.01), waiting) == (False, [0.01])
