"""What is sent, as schemas/openapi.yaml says; what counts as delivered, and that nothing holds it for long.

Of a request that is the traceparent of what did it, and the language of whoever asked, as it is by then.
"""

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from deliveries import Deliveries
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from receiving import SECRET, refuse
from receiving import Receiver as Receiving
from standardwebhooks import Webhook
from support import OPERATOR, REPOSITORY, AnyClient, add_accounts

from service.accounts.model import account_key
from service.accounts.sessions import Caller, choose_locale
from service.feedback.keys import thread_key
from service.feedback.model import Thread
from service.feedback.store import change_status, open_thread
from service.history.model import Change, Kind, decoded, encoded, representation
from service.http import client as sending
from service.http.tracing import at_hand
from service.registry.model import Label, Module, Registry
from service.webhooks.receiver import Message, Receiver, message, send, trial
from service.webhooks.store import CHANGES, REQUESTS, Queue

EVENT = (
    '{"kind": "page-changed", "slug": "crm", "labels": {"fr": "\\u00c9", "en": "E"}, '
    f'"before": null, "after": "/x", "revision": "{"f00d" * 16}"}}'
)
MESSAGE = message(CHANGES, "1764146400123-0", EVENT)
SPEC: dict[str, Any] = yaml.load((REPOSITORY / "schemas" / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
TRACES = [f"00-4bf92f3577b34da6a3ce929d0e0e473{number}-00f067aa0ba902b7-01" for number in range(3)]
SENT = {"module": CHANGES, "request": REQUESTS}


def valid(schema: dict[str, Any], value: object) -> bool:
    return Draft202012Validator({"components": SPEC["components"], **schema}).is_valid(value)


def events(queue: Queue) -> Iterator[str]:
    """An event of each kind, as it is stored."""
    label = Label("Numéro", "Number")
    if queue is CHANGES:
        for kind in Kind:
            was, becomes = (label, label) if kind is Kind.RELABELLED else ("coming_soon", None)
            votes = 27 if kind is Kind.RELEASED else None
            yield encoded(Change(kind, "crm", label, was, becomes), "0" * 64, votes)
        return
    for kind in ("opened", "status-changed"):
        for status in ("open", "answered", "activated", "declined"):
            event = {"kind": kind, "thread": "8f14e45fceea167a", "module": "sms", "status": status}
            yield json.dumps(event)
            yield json.dumps(event | {"traceparent": TRACES[0]})


@pytest.mark.parametrize("name", SENT)
def test_every_event_is_as_described(name: str, receiving: Receiving) -> None:
    assert SPEC["webhooks"].keys() == SENT.keys()
    described = SPEC["webhooks"][name]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    made = [message(SENT[name], f"1764146400000-{number}", event) for number, event in enumerate(events(SENT[name]))]
    for event in made:
        assert send(Receiver(receiving.url, SECRET), event).is_delivered
    assert len(receiving.received) == len(made)
    for received in receiving.received:
        assert valid(schema, received.body), received.body
        assert not valid(schema, received.body | {"data": {}})
        for header in described["parameters"]:
            if header["required"] or header["name"] in received.headers:
                assert valid(header["schema"], received.headers[header["name"]]), header
    sent = [received.headers.get("traceparent") for received in receiving.received]
    assert (None in sent, TRACES[0] in sent) == (True, name == "request")


def test_a_message_is_as_standard_webhooks_says(receiving: Receiving) -> None:
    answer = send(Receiver(receiving.url, SECRET), MESSAGE)
    assert (answer.status, answer.is_delivered, answer.said) == (204, True, "answered 204")
    recorded = decoded("1764146400123-0", EVENT)
    assert recorded
    assert repr(Receiver(receiving.url, SECRET)) == "Receiver()", "neither URL nor secret is shown"
    assert Receiver(receiving.url, SECRET).host == f"http://127.0.0.1:{receiving.port}"
    [message] = receiving.received
    assert message.id == "module-1764146400123-0"
    assert message.path == "/hooks?token=hush"
    assert message.headers["content-type"] == "application/json"
    assert abs(int(message.headers["webhook-timestamp"]) - time.time()) < 60
    assert message.body == {
        "type": "module.page_changed",
        "timestamp": "2025-11-26T08:40:00.123+00:00",
        "data": representation(recorded),
    }


def test_any_text_can_be_sent(receiving: Receiving) -> None:
    for text in ("\ud800", "\udcff", "é\x00"):
        assert send(Receiver(receiving.url, SECRET), message(CHANGES, "1-0", json.dumps({"kind": text}))).is_delivered


def test_every_2xx_is_a_delivery_and_what_else_is_answered_is_said(receiving: Receiving) -> None:
    for status in (200, 201, 202, 204, 299, 103, 301, 308, 400, 404, 410, 429, 500, 503):
        receiving.answer = refuse(status, "" if status < 300 else "no \x1b[31m\n room", Location="/elsewhere")
        answer = send(Receiver(receiving.url, SECRET), MESSAGE)
        assert answer.is_delivered == (status in range(200, 300))
        said = "; redirects are not followed" if status in (301, 308) else ""
        assert answer.said == f"answered {status}{said}" + (": no \\x1b[31m room" if status >= 300 else "")
    assert len(receiving.received) == 14
    receiving.answer = refuse(500, "x" * 10_000_000)
    answer = send(Receiver(receiving.url, SECRET), MESSAGE)
    assert answer.said == f"answered 500: {'x' * 97}...", "of an answer little is read and shown"
    for header, seconds in {"7": 7.0, "0": 0.0, "-1": 0.0, "x": 0.0, "9" * 400: 0.0, "1e9": 0.0}.items():
        receiving.answer = refuse(503, Retry_After=header)
        assert send(Receiver(receiving.url, SECRET), MESSAGE).retry_after == seconds


@pytest.mark.parametrize(
    ("begins", "goes_on", "status", "said"),
    [
        (b"", b"a", None, "did not answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\nX-", b"a", None, "did not answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"a", 200, "answered 200"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 900\r\n\r\n", b"a", 500, "answered 500"),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 60_000 + b"\r\n", None, "answered what is no HTTP: "),
    ],
)
def test_a_receiver_that_goes_on_and_on_holds_nobody_and_its_status_counts_whatever_becomes_of_the_body(
    receiving: Receiving, begins: bytes, goes_on: bytes, status: int | None, said: str
) -> None:
    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begins)
        while True:
            handler.wfile.write(goes_on)
            time.sleep(0.02 if len(goes_on) == 1 else 0)

    receiving.answer = dripping
    answer = send(Receiver(receiving.url, SECRET), MESSAGE, 0.5 if "within" in said else 2.0)
    assert answer.status == status and answer.said.startswith(said)


def test_a_receiver_that_is_silent_holds_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receiver = Receiver(f"https://127.0.0.1:{silent.getsockname()[1]}/", SECRET)
        assert send(receiver, MESSAGE, 0.1).said == "did not answer within 0.1 s"


def test_plain_http_goes_to_this_machine_by_no_proxy(receiving: Receiving, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, float]] = []

    def connect(address: tuple[str, int], patience: float) -> socket.socket:
        tried.append((address[0], patience))
        if address[0] != "127.0.0.1":
            raise OSError("nobody is there")
        made = socket.socket()
        made.settimeout(patience)
        made.connect(address)
        return made

    def leads_to(*addresses: str) -> None:
        """Have any name lead there."""
        all_of_them = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
        monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_, **__: all_of_them)

    answer = send(Receiver("http://127.0.0.1:1/hush", SECRET), MESSAGE)
    assert (answer.status, "hush" in answer.said) == (None, False)
    assert answer.said.startswith("could not be reached: ")
    monkeypatch.setattr(sending.socket, "create_connection", connect)
    leads_to("192.0.2.1")
    for scheme, said in (("http", "its name has no address of this machine"), ("https", "nobody is there")):
        assert send(Receiver(f"{scheme}://localhost/", SECRET), MESSAGE).said == f"could not be reached: {said}"
    tried.clear()
    leads_to("127.0.0.2", "127.0.0.1")
    assert send(Receiver(receiving.url, SECRET), MESSAGE, 10).is_delivered, "where one is dead the next one is tried"
    assert [address for address, _ in tried] == ["127.0.0.2", "127.0.0.1"]
    assert tried[0][1] <= 5 < tried[1][1], "one that is silent leaves time for the others"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(Receiver(receiving.url, SECRET), MESSAGE).is_delivered


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_over_tls_a_certificate_that_is_trusted_is_asked_for(
    receiving: Receiving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "1", "-subj", "/CN=hooks", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", file, "-out", file.with_suffix(".crt")], check=True, capture_output=True)
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    secure = Receiving(context)
    try:
        sending._tls.cache_clear()
        assert "certificate verify failed" in send(Receiver(secure.url, SECRET), MESSAGE).said
        assert secure.received == []
        sending._tls.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert send(Receiver(secure.url, SECRET), MESSAGE).is_delivered
        assert secure.ids == [MESSAGE.id]
        for url, words in (
            (secure.url.replace("https", "http"), "; if TLS is asked for there, write https://"),
            (receiving.url.replace("http", "https"), "; if there is no TLS, write http://"),
        ):
            said = send(Receiver(url, SECRET), MESSAGE).said
            assert said.startswith("could not be reached: ")
            assert words in said
        wrong_name = secure.url.replace("127.0.0.1", "localhost")
        assert "certificate verify failed" in send(Receiver(wrong_name, SECRET), MESSAGE).said
    finally:
        secure.stop()
        sending._tls.cache_clear()


ALICE = Caller("alice")
REGISTRY = Registry((Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True),))


@contextmanager
def request_of(traceparent: str) -> Iterator[None]:
    """A request that came with this header."""
    token = at_hand.set({"HTTP_TRACEPARENT": traceparent})
    yield
    at_hand.reset(token)


def ask(redis: AnyClient) -> Thread:
    return open_thread(redis, ALICE, "sms", "Please", REGISTRY)[0]


def change(redis: AnyClient, thread: Thread, status: str) -> Thread:
    return change_status(redis, thread.id, status, [thread.etag], REGISTRY, by=OPERATOR)


def test_the_language_is_that_of_the_account_at_that_moment(way: Deliveries) -> None:
    redis, made = way.redis, way.begun(REQUESTS)
    add_accounts(redis, "alice", locale="fr-FR")
    thread = ask(redis)
    made.round()
    choose_locale(redis, ALICE, "en")
    thread = change(redis, thread, "declined")
    made.round()
    redis.command("HSET", account_key("alice"), "locale", "xx")
    thread = change(redis, thread, "open")
    made.round()
    choose_locale(redis, ALICE, "en")
    thread = change(redis, thread, "declined")
    for key in (account_key("alice"), thread_key(thread.id)):  # damage holds up nothing
        redis.rename(key, "kept")
        redis.command("SET", key, "no hash")
        made.round()
        redis.rename("kept", key)
        thread = change(redis, thread, "open")
    assert [message.body["data"]["locale"] for message in way.receiver.received] == ["fr", "en", None, None, None]


def test_a_traceparent_is_that_of_the_request_whoever_delivers(way: Deliveries) -> None:
    made = way.begun(REQUESTS)
    add_accounts(way.redis, "alice")
    with request_of(TRACES[0]):
        thread = ask(way.redis)
    with request_of(TRACES[1]):
        thread = change(way.redis, thread, "declined")
    change(way.redis, thread, "open")
    with request_of(TRACES[2]):  # of another request, which has nothing to do with it
        made.round()
    assert [message.headers.get("traceparent") for message in way.receiver.received] == [*TRACES[:2], None]
    assert all("traceparent" not in message.body["data"] for message in way.receiver.received)


@pytest.mark.parametrize("value", ['"x\\r\\nwebhook-id: 1"', "null", "[1]"])
def test_what_is_no_traceparent_is_not_sent(value: str) -> None:
    event = f'{{"kind": "opened", "thread": "a", "module": "b", "status": "open", "traceparent": {value}}}'
    made = message(REQUESTS, "1-1", event)
    assert made.traceparent is None
    assert "traceparent" not in made.body


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    [program] = re.findall(r"^```python\n(.*?)^```$", documentation.page("webhooks.md"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(program, "receiver.py", "exec"), names)
    client: FlaskClient = names["app"].test_client()
    return client


def status(example: FlaskClient, sent: Message, secret: str = SECRET, **wrong: str) -> int:
    """What a message is answered that is signed with a secret, unless a `timestamp` or `signature` is given."""
    now = datetime.now(UTC)
    right = {"timestamp": str(int(now.timestamp())), "signature": Webhook(secret).sign(sent.id, now, sent.body)}
    headers = {f"webhook-{name}": value for name, value in ({"id": sent.id} | right | wrong).items()}
    return example.post("/hooks", data=sent.body, headers=headers).status_code


def test_the_example_acts_once_on_what_is_signed(example: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(example, trial()) < 300
    assert re.fullmatch("test-[0-9a-f]{16}", trial().id) and trial().id != trial().id
    released = message(CHANGES, "1764146400000-0", json.dumps({"kind": "released", "slug": "crm", "votes": 3}))
    assert [status(example, released) < 300 for _ in range(2)] == [True, True]
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1:] == ["crm is here; 3 had asked for it"]
    assert printed.count("crm") == 1
    assert status(example, released, "whsec_" + "A" * 32) == 401
    assert example.post("/hooks", data="{}").status_code == 401
    assert status(example, released, timestamp="x") == 401
    for signature in ("x", "v1,", "v1,!", "v1,a", "v2,a"):
        assert status(example, released, signature=signature) == 401
