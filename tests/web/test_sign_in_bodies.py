"""Bodies of sign-ins: forms, JSON, and whatever else is sent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from application import Slow, signed_out, token_of
from contract import Client
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis import Redis
from support import DEADLINE

Link = Callable[..., str]

#: How granian and gunicorn present a body that comes in chunks.
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

USED = {"account": "alice", "status": "active"}


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


@pytest.mark.parametrize("kind_of_body", ["json", "data", "multipart"])
def test_a_token_may_come_in_a_body(client: Client, link: Link, kind_of_body: str) -> None:
    fields = {"token": token_of(link()), "nonce": "n"}
    sent: dict[str, Any] = {"data": fields, "content_type": "multipart/form-data"}
    if kind_of_body != "multipart":
        sent = {kind_of_body: fields}
    assert [client.post("/sign-in", **sent).json for _ in range(2)] == [USED, USED]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"x"',
        b"{",
        b"[" * 4000,
        b'{"token": 1}',
        b'{"token": ""}',
        b'{"token": null}',
        b'{"token": ["x"]}',
        b'{"token": "x", "nonce": 1}',
        b'{"token": "\\ud800"}',
        b'{"token": "\xff"}',
    ],
)
def test_json_that_makes_no_sense_is_400(client: Client, body: bytes) -> None:
    for content_type in ("application/json", "application/json; charset=utf-16", "APPLICATION/JSON"):
        assert client.post("/sign-in", data=body, content_type=content_type).status_code == 400


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"token=x", "text/plain"),
        (b"token=x", ""),
        (b"token", "application/x-www-form-urlencoded"),
        (b"token=\xff", "application/x-www-form-urlencoded"),
        (b"token=x", "multipart/form-data"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="token"; filename="f"\r\n\r\nv\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_form_that_makes_no_sense_is_400(client: Client, body: bytes, content_type: str) -> None:
    assert client.post("/sign-in", data=body, content_type=content_type).status_code == 400


@pytest.mark.parametrize("token", [b"%00", b"%FF", b"x" * 4000])
def test_a_forged_token_in_a_form_is_gone(client: Client, token: bytes) -> None:
    form = "application/x-www-form-urlencoded; charset=utf-16"
    assert client.post("/sign-in", data=b"token=" + token, content_type=form).status_code == 410


def test_a_large_body_is_refused(client: Client, link: Link) -> None:
    token = token_of(link())
    for filler, status in ((4097, 413), (0, 200)):
        body = f"token={token}&filler={'x' * filler}"
        assert (
            client.post("/sign-in", data=body, content_type="application/x-www-form-urlencoded").status_code == status
        )


@pytest.mark.parametrize(("filler", "status"), [(0, 200), (4097, 413)])
def test_a_body_of_unknown_length_is_read_up_to_the_same_size(
    client: Client, link: Link, filler: int, status: int
) -> None:
    body = BytesIO(f"token={token_of(link())}&filler={'x' * filler}".encode())
    overrides = CHUNKED | {"wsgi.input": body, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", environ_overrides=overrides).status_code == status


def test_a_body_beside_a_token_in_the_query_is_left_unread(client: Client, link: Link) -> None:
    body = BytesIO(b"x" * 100)
    assert client.post(link(), environ_overrides=CHUNKED | {"wsgi.input": body}).status_code == 200
    assert body.tell() == 0


def test_only_one_thread_waits_for_a_body(app: Flask, redis: Redis, link: Link) -> None:
    awaited, other = (token_of(link()) for _ in range(2))
    body = Slow(f"token={awaited}".encode())
    headers = {"CONTENT_LENGTH": str(len(body.getvalue())), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(signed_out(app).post, "/sign-in", environ_overrides={"wsgi.input": body, **headers})
        assert body.asked.wait(DEADLINE)
        refused = signed_out(app).post("/sign-in", data={"token": other})
        by_query = signed_out(app).post(f"/sign-in?token={other}")
        body.arrived.set()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert by_query.json == slow.result(DEADLINE).json == USED


@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
    ),
    query=st.binary(max_size=50).map(lambda given: given.decode("latin-1")),
)
@example(body=b"{}", content_type="application/json", query="token=x&nonce=%ED%A0%80")
@settings(max_examples=200, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_to_sign_in_is_a_500(client: Client, body: bytes, content_type: str, query: str) -> None:
    sent = {"QUERY_STRING": query}
    response = client.post("/sign-in", data=body, content_type=content_type, environ_overrides=sent)
    assert response.status_code in (400, 410)
