"""The reference says what openapi.yaml says, and its examples carry what an operation requires."""

import shlex
from typing import Any

from support import table

from service.web.pages.reference import curl, fetch, fields, kind, name_of, problem_types, reference

READ = reference(table(__file__, "reference.yaml"))
GET, HEAD, PATCH = READ["operations"]


def listed(schema: Any) -> list[tuple[str, str, str, bool]]:
    """The fields of a schema: names, kinds, the objects that they name, and whether they are required."""
    return [(name, kind(field), name_of(field), is_required) for name, field, is_required in fields(schema)]


def test_an_operation_has_its_parameters_answers_problem_types_and_fields() -> None:
    assert (GET["method"], GET["path"], GET["summary"], GET["session"]) == ("GET", "/things/{id}", "One thing", False)
    assert [(each["name"], each["in"], each["required"]) for each in GET["parameters"]] == [
        ("id", "path", True),
        ("lines", "query", False),
    ]
    assert (HEAD["method"], HEAD["operationId"]) == ("HEAD", "headThing")
    assert PATCH["session"]
    assert READ["always"] == {"Common"}
    assert {status: problem_types(answer) for status, answer in GET["responses"].items()} == {
        "200": [],
        "410": ["urn:problem-type:x:gone"],
    }
    # An object is described field by field, and named ones once.
    thing = GET["responses"]["200"]["content"]["application/json"]["schema"]
    assert (kind(thing), name_of(thing)) == ("Thing", "Thing")
    assert listed(READ["components"]["schemas"]["Thing"]) == [
        ("n", "integer | null", "", True),
        ("label", "object", "", False),
        ("label.fr", "string", "", True),
        ("parts", "array of Part", "Part", False),
        ("rows", "array of object", "", False),
        ("rows[].at", "1", "", False),
    ]
    assert listed(READ["components"]["schemas"]["Part"]) == [("when", "string (date-time)", "", False)]
    body = PATCH["requestBody"]["content"]["application/json"]["schema"]
    assert listed(body) == [("to", '"x" | "y"', "", True)]


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
