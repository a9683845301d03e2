"""schemas/openapi.yaml describes the application, all of it and nothing else; refusals have their types for good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from contract import RESOLVED, SPEC
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from service.registry.lint.names import OWN_ROUTES
from service.registry.model import Module
from service.web.problems import TABLE


def routes(app: Flask) -> set[tuple[str, str]]:
    """What programs call; pages are for people, and lead to each other."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("pages.")
        for method in (rule.methods or set()) - {"OPTIONS"}
    }


def test_it_is_valid_and_describes_every_route_and_no_other(public_app: Flask) -> None:
    validate(SPEC)
    assert SPEC["openapi"].startswith("3.1.")
    described = {(path, method) for path, item in SPEC["paths"].items() for method in item.keys() - {"parameters"}}
    assert described == routes(public_app)


def test_modules_cannot_claim_the_routes_of_this_service(public_app: Flask) -> None:
    assert set(OWN_ROUTES) == {path for path, _ in routes(public_app) if path.startswith("/api/")}


def bodies(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON body in the description."""
    if isinstance(node, dict):
        for media_type, body in node.get("content", {}).items():
            if media_type in ("application/json", "application/problem+json"):
                yield body
        for value in node.values():
            yield from bodies(value)


def test_every_body_has_an_example_that_is_valid() -> None:
    for body in bodies(RESOLVED):
        for example in [body["example"]] if "example" in body else [one["value"] for one in body["examples"].values()]:
            Draft202012Validator(body["schema"]).validate(example)


def test_an_entry_is_described_field_by_field() -> None:
    entry = SPEC["components"]["schemas"]["Entry"]
    names = [field.name for field in fields(Module)]
    assert list(entry["properties"]) == entry["required"] == names


#: The types of each status, in the order in which the table has their errors.
TYPES = {
    400: "malformed-header",
    401: "not-authenticated",
    403: "account-not-active not-an-admin cross-site-request sign-in-denied account-suspended",
    404: "unknown-feature unknown-module unknown-request unknown-account",
    409: "own-account not-on-demand request-full request-already-open",
    410: "sign-in-refused sign-in-over",
    412: "request-changed",
    422: "invalid-field unknown-modules",
    428: "condition-missing",
    429: "rate-limited",
    502: "provider-refused",
    503: "provider-unavailable provider-busy module-frozen" + 4 * " storage-unavailable",
}


def test_each_refusal_has_the_status_and_type_that_it_always_had() -> None:
    told = {status: [kind for each, kind in TABLE.values() if each == status] for status in TYPES}
    assert told == {status: kinds.split() for status, kinds in TYPES.items()}
    assert len(TABLE) == sum(map(len, told.values()))
