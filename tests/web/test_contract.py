"""What is answered is as schemas/openapi.yaml says, whatever is asked; and what each answer says to browsers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from application import MakeApp, Start, signed_in, table
from contract import RESOLVED, SPEC, Client
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from support import DOCUMENTED, OPERATOR, add_accounts, connect, session_cookie, socket_url

from service.accounts import store as accounts
from service.accounts.model import Status
from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.registry.lint.names import OWN_ROUTES
from service.registry.loading.loader import load
from service.registry.model import Module
from service.web.problems import TABLE


def test_it_is_valid_and_describes_every_route_and_no_other(app: Flask) -> None:
    validate(SPEC)
    assert SPEC["openapi"].startswith("3.1.")
    for schema, example in examples(RESOLVED):
        Draft202012Validator(schema).validate(example)
    described = {(path, method) for path, item in SPEC["paths"].items() for method in item.keys() - {"parameters"}}
    # What programs call; pages are for people, and lead to each other.
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("pages.")]
    routes = [(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), rule.methods or set()) for rule in rules]
    assert described == {(path, method.lower()) for path, methods in routes for method in methods - {"OPTIONS"}}
    assert set(OWN_ROUTES) == {path for path, _ in described if path.startswith("/api/")}, "which no module may claim"
    entry = SPEC["components"]["schemas"]["Entry"]
    assert list(entry["properties"]) == entry["required"] == [field.name for field in fields(Module)]


def examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each example of a JSON body in a part of the description, and its schema."""
    if isinstance(node, dict):
        for media_type, body in node.get("content", {}).items():
            if media_type in ("application/json", "application/problem+json"):
                several = body.get("examples", {"example": {"value": body.get("example")}})
                yield from ((body["schema"], example["value"]) for example in several.values())
        for value in node.values():
            yield from examples(value)


#: Of pages, of the platform's endpoints, and what comes of too many sign-ins at once.
NOT_DESCRIBED = {(404, "unknown-account"), (409, "own-account"), (503, "module-frozen"), (503, "provider-busy")}


def test_each_refusal_has_the_status_and_type_that_is_described() -> None:
    operations = [item for path in RESOLVED["paths"].values() for item in path.values() if isinstance(item, dict)]
    described = {
        (int(status), example["type"].rpartition(":")[2])
        for operation in operations
        for status, answer in operation["responses"].items()
        for _, example in examples(answer)
        if status >= "4" and example["type"] != "about:blank"
    }
    assert described - {(410, "module-removed")} == set(TABLE.values()) - NOT_DESCRIBED


#: How many requests it makes up for each operation in each phase, beside those that cover the description.
EXAMPLES = os.environ.get("EXAMPLES", "5")  # with 25, 7,856 requests: all are answered as described

#: Its checks and phases are all there are; what it is told besides is in this file.
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.parametrize(
    "caller",
    [
        *(pytest.param(caller, marks=pytest.mark.nightly) for caller in ("nobody", "pending", "member")),
        pytest.param("admin", marks=pytest.mark.long),
    ],
)
def test_every_answer_is_described(serve: Start, tmp_path: Path, caller: str) -> None:
    key = "k" * 32
    running = serve(REDIS_TIMEOUT="20", SECRET_KEY=key)  # nothing here is about a store that does not answer
    cookie, arguments = "session=none", []
    if caller != "nobody":
        cookie = session_cookie(key, "alice")
        arguments = ["--exclude-path", "/sign-out"]  # it ends the session
        with closing(connect(socket_url(running.data_dir))) as client:
            add_accounts(client, "alice")
            feedback.open_thread(client, Caller("alice"), "sms_campaign", "Please", load(DOCUMENTED))
            if caller == "pending":
                accounts.set_status(client, "alice", Status.PENDING, by=OPERATOR)
            else:
                accounts.set_details(client, "alice", role=caller, by=OPERATOR)
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            *("--config-file", CONFIGURATION, "run", f"{running.url}/openapi.yaml"),
            *("--checks", "all", "--continue-on-failure", "--max-examples", EXAMPLES, "--seed", "1", "--no-color"),
            *arguments,
        ],
        cwd=tmp_path,
        env=os.environ | {"SESSION": cookie.removeprefix("session=")},
        capture_output=True,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert running.log == []


HSTS = "Strict-Transport-Security"


@pytest.mark.parametrize(
    ("public_url", "hsts"), [("http://a.example", None), ("https://a.example", "max-age=31536000")]
)
def test_every_answer_is_protected(make_app: MakeApp, alice: Client, public_url: str, hsts: str | None) -> None:
    app = make_app(public_url=public_url, cors_origins=("https://app.example.com",))
    for method, path, headers, status in table("protected.yaml"):  # the client holds each against the contract
        body = b"x" * 100_000 if status == 413 else None
        response = signed_in(app, "alice").open(path, method=method, headers=headers, data=body)
        assert (response.status_code, response.headers.get(HSTS)) == (status, hsts), (method, path)
    response = signed_in(app, "alice").get("/api/modules", headers={"If-None-Match": "*"})
    assert (response.status_code, HSTS in response.headers) == (304, False), "it leaves what the client has as it is"
