"""The reference says what openapi.yaml says, and its examples carry what an operation requires."""

from __future__ import annotations

import json
import shlex

import yaml
from contract import SPEC
from hypothesis import given
from hypothesis import strategies as st

from service.web.pages.reference import Kind, Operation, Reference, reference
from service.web.pages.request_examples import curl, fetch

DESCRIPTION = """
info: { title: T, description: D }
tags: [{ name: things, description: All of them. }]
paths:
  /things/{id}:
    parameters:
      - { name: id, in: path, required: true, example: a b, schema: { type: string } }
    get:
      operationId: getThing
      tags: [things]
      summary: One thing
      parameters: [{ $ref: "#/components/parameters/Lines" }]
      responses:
        "200":
          description: It.
          headers: { Common: {}, ETag: {} }
          content: { application/json: { schema: { $ref: "#/components/schemas/Thing" }, example: { n: 1 } } }
        "410":
          description: Gone.
          headers: { Common: {} }
          content: { application/problem+json: { example: { type: "urn:problem-type:x:gone" } } }
    head:
      operationId: headThing
      tags: [things]
      summary: The same
      responses: { "200": { description: It., headers: { Common: {} } } }
    patch:
      operationId: changeThing
      tags: [things]
      summary: Change it
      security: [{ session: [] }]
      parameters:
        - { name: If-Match, in: header, required: true, example: '"e"', schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [to], properties: { to: { enum: [x, y], description: What. } } }
            example: { to: it's }
      responses: { "204": { description: Done., headers: { Common: {} } } }
components:
  parameters:
    Lines: { name: lines, in: query, schema: { type: integer } }
  schemas:
    Thing:
      type: object
      description: A thing.
      required: [n]
      properties:
        n: { type: [integer, "null"] }
        label: { type: object, required: [fr], properties: { fr: { type: string } } }
        parts: { type: array, items: { $ref: "#/components/schemas/Part" } }
        rows: { type: array, items: { type: object, properties: { at: { const: 1 } } } }
    Part: { type: object, properties: { when: { type: string, format: date-time } } }
    Word: { type: string }
"""


def read() -> tuple[Reference, Operation, Operation]:
    found = reference(yaml.safe_load(DESCRIPTION))
    [group] = found.groups
    get, patch = group.operations
    return found, get, patch


def test_an_operation_has_its_parameters_answers_and_problem_types() -> None:
    _, get, patch = read()
    assert (get.method, get.path, get.summary, get.session) == ("GET", "/things/{id}", "One thing", False)
    assert [(one.name, one.place, one.required) for one in get.parameters] == [
        ("id", "path", True),
        ("lines", "query", False),
    ]
    assert get.head is not None
    assert get.head.id == "headThing"
    assert patch.session
    assert [(answer.status, answer.headers, answer.problems) for answer in get.answers] == [
        (200, ("ETag",), ()),
        (410, (), ("urn:problem-type:x:gone",)),
    ]


def test_an_object_is_described_field_by_field_and_named_ones_once() -> None:
    found, get, patch = read()
    assert get.success.body is not None
    assert get.success.body.kind == Kind("Thing", "Thing")
    assert get.success.body.fields == ()
    assert json.loads(get.success.body.example) == {"n": 1}
    thing, part = found.schemas
    assert [(one.name, one.kind.words, one.kind.schema, one.required) for one in thing.fields] == [
        ("n", "integer | null", "", True),
        ("label", "object", "", False),
        ("label.fr", "string", "", True),
        ("parts", "array of Part", "Part", False),
        ("rows", "array of object", "", False),
        ("rows[].at", "1", "", False),
    ]
    assert [(one.name, one.kind.words) for one in part.fields] == [("when", "string (date-time)")]
    assert patch.body is not None
    assert [(one.name, one.kind.words) for one in patch.body.fields] == [("to", '"x" | "y"')]


def test_examples_carry_what_is_required() -> None:
    _, get, patch = read()
    assert curl(get, "http://h") == "curl http://h/things/a%20b"
    assert fetch(get, "http://h").startswith('const response = await fetch("http://h/things/a%20b");\n')
    assert shlex.split(curl(patch, "http://h").replace("\\\n", "")) == [
        *["curl", "http://h/things/a%20b", "--request", "PATCH", "--include", "--cookie", "cookies"],
        *["--header", 'If-Match: "e"', "--header", "Content-Type: application/json", "--data", '{"to": "it\'s"}'],
    ]
    assert 'body: JSON.stringify({"to": "it\'s"})' in fetch(patch, "http://h")


@given(st.text(st.characters(exclude_characters="\0"), min_size=1))
def test_a_shell_sends_the_example_as_it_is(value: str) -> None:
    changed = yaml.safe_load(DESCRIPTION)
    content = changed["paths"]["/things/{id}"]["patch"]["requestBody"]["content"]["application/json"]
    content["example"] = {"to": value}
    [group] = reference(changed).groups
    sent = shlex.split(curl(group.operations[1], "http://h").replace(" \\\n", " "))[-1]
    assert json.loads(sent) == {"to": value}


def test_the_reference_has_every_operation_of_the_service() -> None:
    described = {one["operationId"] for item in SPEC["paths"].values() for one in item.values() if "operationId" in one}
    operations = list(reference(SPEC).operations)
    assert {one.id for one in operations} == described
    assert len(operations) == len(described)


def test_whatever_an_operation_requires_has_an_example() -> None:
    for one in reference(SPEC).operations:
        assert all(parameter.example for parameter in one.parameters if parameter.required), one.id
        assert one.body is None or one.body.value is not None, one.id
