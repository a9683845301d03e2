"""Bodies of those who are signed in: some at once, so that no other request waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from application import Slow, signed_in
from contract import Client
from flask import Flask
from support import DEADLINE, wait_until
from werkzeug.test import TestResponse

from service.web import admission


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


#: How many are read at once.
AT_ONCE = 4

BODY = b'{"module": "sms_campaign", "message": "Please"}'


def slowly(client: Client, body: Slow, path: str = "/api/feedback") -> TestResponse:
    headers = {"CONTENT_LENGTH": str(len(body.getvalue())), "CONTENT_TYPE": "application/json"}
    return client.post(path, environ_overrides={"wsgi.input": body, **headers})


@contextmanager
def held(app: Flask, number: int, path: str = "/api/feedback") -> Iterator[list[tuple[Slow, Future[TestResponse]]]]:
    """So many bodies that are being read, and come when they are let through, or in the end."""
    with ThreadPoolExecutor(number) as pool:
        bodies = [Slow(BODY) for _ in range(number)]
        asked = [(body, pool.submit(slowly, signed_in(app, "alice"), body, path)) for body in bodies]
        try:
            assert all(body.asked.wait(DEADLINE) for body in bodies)
            yield asked
        finally:
            for body in bodies:
                body.arrived.set()


def ask(client: Client) -> TestResponse:
    return client.post("/api/feedback", data=BODY, content_type="application/json")


def test_where_too_many_are_slow_others_are_told_to_come_again(app: Flask, alice: Client) -> None:
    with held(app, AT_ONCE) as slow:
        for _ in range(3):
            refused = ask(alice)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        first, answer = slow[0]
        first.arrived.set()
        assert answer.result(DEADLINE).status_code == 201
        assert ask(alice).status_code == 200


def test_less_slow_ones_or_those_of_strangers_keep_nobody_waiting(app: Flask, alice: Client) -> None:
    with held(app, AT_ONCE - 1):
        assert ask(alice).status_code == 201
    with held(app, 1, "/sign-in"):
        assert [ask(alice).status_code for _ in range(2)] == [200, 200]


def test_bodies_that_come_at_once_wait_for_their_turn(
    sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = admission._callers
    monkeypatch.setattr(readers, "_patience", readers._patience * 100)  # a busy machine may take longer to read them
    members = [sign_in(f"member{number}") for number in range(8)]
    bodies = [Slow(BODY) for _ in members]
    with ThreadPoolExecutor(len(members)) as pool:
        asked = [pool.submit(slowly, client, body) for client, body in zip(members, bodies, strict=True)]
        wait_until(lambda: sum(body.asked.is_set() for body in bodies) == AT_ONCE)
        for body in bodies:
            body.arrived.set()
        assert [one.result(DEADLINE).status_code for one in asked] == [201] * len(members)


def test_without_a_session_no_body_is_read(client: Client) -> None:
    for path in ("/api/feedback", "/api/feedback/0123456789abcdef/messages"):
        body = Slow(BODY)
        assert slowly(client, body, path).status_code == 401
        assert not body.asked.is_set()
