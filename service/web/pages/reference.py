"""The HTTP reference: schemas/openapi.yaml as `docs_reference.html` reads it, and examples of its requests.

An example carries the parameters and the body that have one in the description, as everything has that is required.
The tests run them as they are.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

Node = Mapping[str, Any]

#: Where curl keeps the session: signing in writes the file, and everything that needs a session reads it.
_COOKIES = "cookies"


class Request(NamedTuple):
    """What an example sends, its body as JSON; the status of its answer, its media type, and whether it signs in."""

    method: str
    address: str
    headers: dict[str, str]
    body: str | None
    session: bool
    status: str
    answered: str
    gives_cookie: bool


def reference(description: Node) -> dict[str, Any]:
    """An OpenAPI 3.1 document in which every `$ref` has beside it what it refers to.

    `operations` are all of them, each with its method, path and parameters; `groups` has those of each tag. `always`
    are the headers that every answer has but a 304: to list them with each would hide the others.
    """
    document: dict[str, Any] = _resolved(description, description)
    operations = list(_operations(document))
    answers = [item for operation in operations for item in operation["responses"].items()]
    always = set.intersection(*(set(answer.get("headers", ())) for status, answer in answers if status != "304"))
    groups = [(tag, [each for each in operations if each["tags"][0] == tag["name"]]) for tag in document["tags"]]
    return document | {"operations": operations, "groups": groups, "always": always}


def _resolved(node: Any, document: Node) -> Any:
    if isinstance(node, list):
        return [_resolved(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    own = {key: _resolved(value, document) for key, value in node.items()}
    if "$ref" not in node:
        return own
    target = reduce(lambda part, key: part[key], node["$ref"].removeprefix("#/").split("/"), document)
    return _resolved(target, document) | own


def _operations(document: Node) -> Iterator[Node]:
    for path, item in document["paths"].items():
        for method, node in item.items():
            if method == "parameters":
                continue
            parameters = [*item.get("parameters", ()), *node.get("parameters", ())]
            yield node | {
                "method": method.upper(),
                "path": path,
                "session": any(node.get("security", document.get("security", ()))),
                "parameters": [
                    {"required": False, "example": each["schema"].get("example", "")} | each for each in parameters
                ],
            }


def examples(media: Node) -> list[Any]:
    """The examples of a media type, by either of OpenAPI's two ways to write them."""
    return [media["example"]] if "example" in media else [each["value"] for each in media.get("examples", {}).values()]


def problem_types(answer: Node) -> list[str]:
    """The types of an answer's problem documents."""
    problems = examples(answer.get("content", {}).get("application/problem+json", {}))
    return list(dict.fromkeys(problem["type"] for problem in problems if problem["type"] != "about:blank"))


def name_of(schema: Node) -> str:
    """The name of the object that a value is, or that each of its items is; nothing where it has none."""
    named = schema.get("items", {}) if schema.get("type") == "array" else schema
    return str(named["$ref"]).rpartition("/")[2] if "$ref" in named and "properties" in named else ""


def kind(schema: Node) -> str:
    """What a value may be, in a few words."""
    if schema.get("type") == "array":
        return f"array of {kind(schema.get('items', {}))}"
    if name := name_of(schema):
        return name
    if "const" in schema:
        return as_json(schema["const"])
    if "enum" in schema:
        return " | ".join(map(as_json, schema["enum"]))
    types = schema.get("type", "any")
    words = types if isinstance(types, str) else " | ".join(types)
    return f"{words} ({schema['format']})" if "format" in schema else words


def fields(schema: Node, before: str = "") -> Iterator[tuple[str, Node, bool]]:
    """The fields of an object, and of what stands inside it without a name of its own: `label.fr`, `modules[].slug`.

    Each with its schema, and whether it is required.
    """
    for name, inner in schema.get("properties", {}).items():
        yield before + name, inner, name in schema.get("required", ())
        if not name_of(inner):
            yield from fields(inner, f"{before}{name}.")
            yield from fields(inner.get("items", {}), f"{before}{name}[].")


def request_of(operation: Node, base: str) -> Request:
    """The example of an operation, for the service at `base`."""
    given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation["parameters"]:
        if example := str(parameter["example"]):
            given[parameter["in"]][parameter["name"]] = example
    path = operation["path"].format_map({name: quote(example, safe="") for name, example in given["path"].items()})
    query, headers, body = urlencode(given["query"]), given["header"], None
    if "requestBody" in operation:
        media_type, media = next(iter(operation["requestBody"]["content"].items()))
        headers["Content-Type"], body = media_type, as_json(examples(media)[0])
    status, answer = next(item for item in operation["responses"].items() if item[0] < "300")
    address = f"{base}{path}?{query}" if query else base + path
    gives_cookie, answered = "Set-Cookie" in answer.get("headers", ()), next(iter(answer.get("content", ())), "")
    return Request(operation["method"], address, headers, body, operation["session"], status, answered, gives_cookie)


def curl(operation: Node, base: str) -> str:
    """A shell command that sends the example of an operation to the service at `base`."""
    request = request_of(operation, base)
    usual = "GET" if request.body is None else "POST"
    parts = [
        f"curl {shlex.quote(request.address)}",
        "--head" if request.method == "HEAD" else f"--request {request.method}" if request.method != usual else "",
        "" if request.answered or request.method == "HEAD" else "--include",  # there is nothing to see but the status
        f"--cookie {_COOKIES}" if request.session else "",
        f"--cookie-jar {_COOKIES}" if request.gives_cookie else "",
        *(f"--header {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()),
        "" if request.body is None else f"--data {shlex.quote(request.body)}",
    ]
    return " \\\n  ".join(filter(None, parts))


def fetch(operation: Node, base: str) -> str:
    """JavaScript that does the same, for a page or a module: it awaits at the top level."""
    request = request_of(operation, base)
    options = [
        f'method: "{request.method}"' if request.method != "GET" else "",
        'credentials: "include"' if request.session or request.gives_cookie else "",
        f"headers: {as_json(request.headers)}" if request.headers else "",
        "" if request.body is None else f"body: JSON.stringify({request.body})",
    ]
    lines = "".join(f"\n  {option}," for option in options if option)
    given = f"{as_json(request.address)}, {{{lines}\n}}" if lines else as_json(request.address)
    reading = f", await response.{'json' if 'json' in request.answered else 'text'}()" if request.answered else ""
    return f"const response = await fetch({given});\nconsole.log(response.status{reading});"


def as_json(value: Any, indent: int | None = None) -> str:
    """A value of the description as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
