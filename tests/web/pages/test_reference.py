"""The reference says what openapi.yaml says, and its examples carry what an operation requires."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import yaml
from contract import SPEC
from hypothesis import given, settings
from hypothesis import strategies as st

from service.web.pages.reference import Kind, reference
from service.web.pages.request_examples import curl, fetch

READ = reference(yaml.load(Path(__file__).with_name("reference.yaml").read_bytes(), yaml.CSafeLoader))
[(GET, PATCH)] = [group.operations for group in READ.groups]


def test_an_operation_has_its_parameters_answers_problem_types_and_fields() -> None:
    assert (GET.method, GET.path, GET.summary, GET.session) == ("GET", "/things/{id}", "One thing", False)
    assert [(one.name, one.place, one.required) for one in GET.parameters] == [
        ("id", "path", True),
        ("lines", "query", False),
    ]
    assert GET.head is not None
    assert GET.head.id == "headThing"
    assert PATCH.session
    assert [(answer.status, answer.headers, answer.problems) for answer in GET.answers] == [
        (200, ("ETag",), ()),
        (410, (), ("urn:problem-type:x:gone",)),
    ]
    # An object is described field by field, and named ones once.
    assert GET.success.body is not None
    assert (GET.success.body.kind, GET.success.body.fields) == (Kind("Thing", "Thing"), ())
    assert json.loads(GET.success.body.example) == {"n": 1}
    thing, part = READ.schemas
    assert [(one.name, one.kind.words, one.kind.schema, one.required) for one in thing.fields] == [
        ("n", "integer | null", "", True),
        ("label", "object", "", False),
        ("label.fr", "string", "", True),
        ("parts", "array of Part", "Part", False),
        ("rows", "array of object", "", False),
        ("rows[].at", "1", "", False),
    ]
    assert [(one.name, one.kind.words) for one in part.fields] == [("when", "string (date-time)")]
    assert PATCH.body is not None
    assert [(one.name, one.kind.words) for one in PATCH.body.fields] == [("to", '"x" | "y"')]


def test_examples_carry_what_is_required() -> None:
    assert curl(GET, "http://h") == "curl http://h/things/a%20b"
    assert fetch(GET, "http://h") == (
        'const response = await fetch("http://h/things/a%20b");\nconsole.log(response.status, await response.json());'
    )
    assert shlex.split(curl(PATCH, "http://h").replace("\\\n", "")) == [
        *["curl", "http://h/things/a%20b", "--request", "PATCH", "--include", "--cookie", "cookies"],
        *["--header", 'If-Match: "e"', "--header", "Content-Type: application/json", "--data", '{"to": "it\'s"}'],
    ]
    assert fetch(PATCH, "http://h").splitlines() == [
        'const response = await fetch("http://h/things/a%20b", {',
        '  method: "PATCH",',
        '  credentials: "include",',
        r'  headers: {"If-Match": "\"e\"", "Content-Type": "application/json"},',
        """  body: JSON.stringify({"to": "it's"}),""",
        *("});", "console.log(response.status);"),
    ]


@settings(database=None)
@given(st.text(st.characters(exclude_characters="\0")))
def test_a_shell_sends_the_example_as_it_is(value: str) -> None:
    assert PATCH.body is not None
    changed = replace(PATCH, body=replace(PATCH.body, value={"to": value}))
    sent = shlex.split(curl(changed, "http://h").replace(" \\\n", " "))[-1]
    assert json.loads(sent) == {"to": value}


def test_every_operation_of_the_service_is_there_with_examples_of_what_it_requires() -> None:
    described = {one["operationId"] for item in SPEC["paths"].values() for one in item.values() if "operationId" in one}
    operations = list(reference(SPEC).operations)
    assert {one.id for one in operations} == described
    assert len(operations) == len(described)
    for one in operations:
        assert all(parameter.example for parameter in one.parameters if parameter.required), one.id
        assert one.body is None or one.body.value is not None, one.id
