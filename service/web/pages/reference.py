"""The HTTP reference: schemas/openapi.yaml as `docs_reference.html` reads it, and examples of its requests.

An example carries the parameters and the body that have one in the description, as everything has that is required.
The tests run them as they are.
"""

import shlex
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any
from urllib.parse import quote, urlencode

from service.wording import json_text

Node = Mapping[str, Any]

#: Where curl keeps the session: signing in writes the file, and everything that needs a session reads it.
_COOKIES = "cookies"


def reference(description: Node) -> dict[str, Any]:
    """An OpenAPI 3.1 document in which every `$ref` has beside it what it refers to.

    `operations` are all of them, each with its method, path and parameters, and its example: the `address` that it asks
    below that of the service, `headers`, a `body` as JSON or None, the `status` of the answer and the type that it is
    `answered` in, if any. `groups` has those of each tag. `always` are the headers that every answer has but a 304,
    and those of CORS, which browsers read and callers do not: to list them with each would hide the others.
    """
    document: dict[str, Any] = _resolved(description, description)
    operations = [
        _operation(document, path, item, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    ]
    answers = [item for operation in operations for item in operation["responses"].items()]
    always = set.intersection(*(set(answer.get("headers", ())) for status, answer in answers if status != "304"))
    always |= {
        name for _, answer in answers for name in answer.get("headers", ()) if name.startswith("Access-Control-")
    }
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


def _operation(document: Node, path: str, item: Node, method: str) -> Node:
    node: dict[str, Any] = item[method]
    given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    parameters = [*item.get("parameters", ()), *node.get("parameters", ())]
    parameters = [{"required": False, "example": each["schema"].get("example", "")} | each for each in parameters]
    for each in parameters:
        if example := str(each["example"]):
            given[each["in"]][each["name"]] = example
    query, headers, body = urlencode(given["query"]), given["header"], None
    address = path.format_map({name: quote(example, safe="") for name, example in given["path"].items()})
    if "requestBody" in node:
        media_type, media = next(iter(node["requestBody"]["content"].items()))
        headers["Content-Type"], body = media_type, json_text(examples(media)[0])
    status, answer = next(item for item in node["responses"].items() if item[0] < "300")
    return node | {
        "method": method.upper(),
        "path": path,
        "parameters": parameters,
        "session": any(node.get("security", document.get("security")) or ()),
        "address": f"{address}?{query}" if query else address,
        "headers": headers,
        "body": body,
        "status": status,
        "answered": next(iter(answer.get("content", ())), ""),
        "gives_cookie": "Set-Cookie" in answer.get("headers", ()),
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
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return " | ".join(map(json_text, values))
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


def curl(operation: Node, base: str) -> str:
    """A shell command that sends the example of an operation to the service at `base`."""
    method, body = operation["method"], operation["body"]
    usual = "GET" if body is None else "POST"
    parts = [
        f"curl {shlex.quote(base + operation['address'])}",
        "--head" if method == "HEAD" else f"--request {method}" if method != usual else "",
        "" if operation["answered"] or method == "HEAD" else "--include",  # there is nothing to see but the status
        f"--cookie {_COOKIES}" if operation["session"] else "",
        f"--cookie-jar {_COOKIES}" if operation["gives_cookie"] else "",
        *(f"--header {shlex.quote(f'{name}: {value}')}" for name, value in operation["headers"].items()),
        "" if body is None else f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(filter(None, parts))


def fetch(operation: Node, base: str) -> str:
    """JavaScript that does the same, for a page or a module: it awaits at the top level."""
    method, headers, body, answered = (operation[name] for name in ("method", "headers", "body", "answered"))
    options = [
        f'method: "{method}"' if method != "GET" else "",
        'credentials: "include"' if operation["session"] or operation["gives_cookie"] else "",
        f"headers: {json_text(headers)}" if headers else "",
        "" if body is None else f"body: JSON.stringify({body})",
    ]
    lines = "".join(f"\n  {option}," for option in options if option)
    address = json_text(base + operation["address"])
    given = f"{address}, {{{lines}\n}}" if lines else address
    reading = f", await response.{'json' if 'json' in answered else 'text'}()" if answered else ""
    return f"const response = await fetch({given});\nconsole.log(response.status{reading});"
