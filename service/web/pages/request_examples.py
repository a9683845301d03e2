"""Examples of requests, made of an operation's description: for a shell with curl, and for JavaScript with fetch.

They carry the parameters and the body that have an example in the description, as everything has that is required, and
are run by the tests as they are.
"""

from __future__ import annotations

import json
import shlex
from urllib.parse import quote, urlencode

from service.web.pages.reference import Operation

#: Where curl keeps the session: signing in writes the file, and everything that needs a session reads it.
COOKIES = "cookies"


def curl(operation: Operation, base: str) -> str:
    """A shell command that sends the operation to the service at `base`."""
    parts = [f"curl {shlex.quote(_address(operation, base))}"]
    if operation.method == "HEAD":
        parts.append("--head")
    elif operation.method not in ("GET", "POST" if operation.body else ""):
        parts.append(f"--request {operation.method}")
    if operation.method != "HEAD" and operation.success.body is None:
        parts.append("--include")  # there is nothing to see but the status
    if operation.session:
        parts.append(f"--cookie {COOKIES}")
    if "Set-Cookie" in operation.success.headers:
        parts.append(f"--cookie-jar {COOKIES}")
    parts += [f"--header {shlex.quote(f'{name}: {value}')}" for name, value in _headers(operation).items()]
    if operation.body:
        parts.append(f"--data {shlex.quote(_json(operation.body.value))}")
    return " \\\n  ".join(parts)


def fetch(operation: Operation, base: str) -> str:
    """JavaScript that does the same, for a page or a module: it awaits at the top level."""
    options: list[str] = []
    if operation.method != "GET":
        options.append(f'method: "{operation.method}"')
    if operation.session or "Set-Cookie" in operation.success.headers:
        options.append('credentials: "include"')
    if headers := _headers(operation):
        options.append(f"headers: {_json(headers)}")
    if operation.body:
        options.append(f"body: JSON.stringify({_json(operation.body.value)})")
    given = "".join(f"\n  {option}," for option in options)
    address = _json(_address(operation, base))
    call = f"fetch({address}, {{{given}\n}})" if given else f"fetch({address})"
    shown = ["response.status", *filter(None, [_reading(operation)])]
    return f"const response = await {call};\nconsole.log({', '.join(shown)});"


def _address(operation: Operation, base: str) -> str:
    path, query = operation.path, {}
    for one in operation.parameters:
        if one.place == "path":
            path = path.replace(f"{{{one.name}}}", quote(one.example, safe=""))
        elif one.place == "query" and one.example:
            query[one.name] = one.example
    return base + path + (f"?{urlencode(query)}" if query else "")


def _headers(operation: Operation) -> dict[str, str]:
    given = {one.name: one.example for one in operation.parameters if one.place == "header" and one.example}
    return given | ({"Content-Type": operation.body.media_types[0]} if operation.body else {})


def _reading(operation: Operation) -> str:
    """How the answer's body is read; nothing where there is none."""
    body = operation.success.body
    if body is None:
        return ""
    return "await response.json()" if "json" in body.media_types[0] else "await response.text()"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
