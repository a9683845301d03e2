"""What schemas/openapi.yaml says, and a test client that holds every response against it."""

import gzip
import json
import re
from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import brotli
import yaml
import zstandard
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from support import REPOSITORY
from werkzeug.test import TestResponse


def resolved(node: Any, whole: Any) -> Any:
    """A part of the description whose references stand on their own."""
    if isinstance(node, dict):
        if "$ref" in node:
            keys = node["$ref"].removeprefix("#/").split("/")
            return resolved(reduce(lambda part, key: part[key], keys, whole), whole)
        return {key: resolved(value, whole) for key, value in node.items()}
    return [resolved(value, whole) for value in node] if isinstance(node, list) else node


#: As it is written, and with every reference resolved.
SPEC: dict[str, Any] = yaml.load(
    (REPOSITORY / "schemas" / "openapi.yaml").read_text(encoding="utf-8"),
    yaml.CSafeLoader,  # the other takes a second
)
RESOLVED: dict[str, Any] = resolved(SPEC, SPEC)
PROBLEM = Draft202012Validator(RESOLVED["components"]["schemas"]["Problem"])

#: What the problem of a module that is gone says besides; the description holds it to more.
OF_GONE = ("successor", "date", "because")

#: What undoes a Content-Encoding.
DECODE: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}

#: Headers that no answer has unless the description says so.
DESCRIBED = re.compile("(?i)access-control-(allow-origin|expose-headers)|www-authenticate|set-cookie")

#: The id of a request.
ID = re.compile("[A-Za-z0-9-]{8,64}")

#: What every answer says to browsers.
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

#: What pages say besides, and nothing else does.
OF_PAGES_ALONE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}

#: What the service answers wherever it was asked, documented in prose: nothing there, refused, frozen.
ANYWHERE = {400, 403, 404, 405, 411, 413, 414, 503}

#: What pages are answered with besides.
OF_PAGES = {200, 302, 303, 304, 308, 401, 410, 422, 429, 502}

#: Addresses of pages for people and of what belongs to them, which the description of the API leaves out.
PAGES = re.compile(
    r"/((en|fr|docs|assets)(/.*)?|favicon\.ico|robots\.txt|sitemap\.xml|\.well-known/security\.txt)?", re.DOTALL
)


class Client(FlaskClient):
    """Flask's client, which fails on any response that the contract does not allow."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(response)
        return response


def documented_path(path: str) -> str | None:
    """The path of the description that `path` is one of, such as /api/modules/{slug}."""
    for template in SPEC["paths"]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path, re.DOTALL):
            return str(template)
    return None


def check(response: TestResponse) -> None:
    """Fail unless the response is one that the contract allows."""
    method, path = response.request.environ["REQUEST_METHOD"], documented_path(response.request.path)
    if response.status_code >= 400 and response.mimetype == "text/html":  # any error, where a browser is to show it
        # A form that is refused comes back as a page, and so does a module that is gone, whatever its sender accepts.
        is_page = PAGES.fullmatch(response.request.path) and (method == "POST" or response.status_code in (410, 422))
        assert is_page or "text/html" in response.request.headers["Accept"]
    elif "," in response.request.environ["HTTP_HOST"]:
        assert response.status_code == 400  # documented in prose
    elif path is not None and method.isupper() and method.lower() in SPEC["paths"][path]:
        check_described(path, method.lower(), response)
    elif path is not None and method == "OPTIONS" and response.status_code == 200:
        assert response.headers["Allow"]
    else:
        expected = ANYWHERE | OF_PAGES if PAGES.fullmatch(response.request.path) else ANYWHERE
        assert response.status_code in expected
        assert response.status_code != 405 or response.headers["Allow"]
    check_protection(response)
    named = response.headers["X-Request-ID"]
    assert ID.fullmatch(named)
    bodiless = method == "HEAD" or response.status_code in (204, 304)
    assert not (bodiless and response.data)
    assert (response.status_code in (204, 304)) <= ("Content-Type" not in response.headers)
    if response.status_code >= 400 and response.mimetype != "text/html":
        assert response.mimetype == "application/problem+json"
        if not bodiless:
            document = problem(response)
            assert document["status"] == response.status_code
            # What a cache may keep is the same for everybody.
            assert document.get("request_id") == (named if "no-store" in response.headers["Cache-Control"] else None)


@cache
def validator(path: str, method: str, status: str, *keys: str) -> Draft202012Validator:
    """Of the schema of something in a described answer, such as the header of some name."""
    schema = reduce(lambda part, key: part[key], keys, RESOLVED["paths"][path][method]["responses"][status])["schema"]
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check_described(path: str, method: str, response: TestResponse) -> None:
    """Fail unless the description has such an answer to a method of one of its paths."""
    described = RESOLVED["paths"][path][method]["responses"]
    status = str(response.status_code) if str(response.status_code) in described else f"{response.status_code // 100}XX"
    assert status in described, f"{response.status_code} is not described"
    undescribed = {name for name, _ in response.headers if DESCRIBED.fullmatch(name)} - {*described[status]["headers"]}
    assert not undescribed, f"{response.status_code} of {method} {path} has {undescribed}, which is not described"
    for name, header in described[status].get("headers", {}).items():
        given: Any = response.headers.get(name)
        if given is None:
            assert not header.get("required"), f"{name} is missing"
        else:
            is_number = header["schema"].get("type") == "integer"
            validator(path, method, status, "headers", name).validate(int(given) if is_number else given)
    if contents := described[status].get("content"):
        body = DECODE[response.headers.get("Content-Encoding")](response.data)
        document = json.loads(body) if response.mimetype.endswith("json") else body.decode()
        assert response.mimetype in contents
        if "schema" in contents[response.mimetype]:
            validator(path, method, status, "content", response.mimetype).validate(document)


def check_protection(response: TestResponse) -> None:
    """Fail unless the response says what it must never be used for; a 304 changes nothing of what the client has."""
    given = {name: response.headers.getlist(name) for name in PROTECTION}
    is_page = response.mimetype == "text/html" and "Location" not in response.headers
    is_page &= (response.request.method, response.status_code) != ("OPTIONS", 200)  # Flask's own, of no page
    if response.status_code == 304:
        assert not any(given.values())
    elif is_page:  # which says itself what it needs
        assert [len(values) for values in given.values()] == [1] * len(given)
    else:
        assert given == {name: [value] for name, value in PROTECTION.items()}
    for name, value in OF_PAGES_ALONE.items():
        assert response.headers.getlist(name) == [value] * is_page
    # What pages of every origin may read by a script, they may also embed.
    is_shared = response.headers.get("Access-Control-Expose-Headers", "").startswith("ETag, Registry-Revision")
    policy = ["cross-origin" if is_shared else "same-origin"] * (response.status_code != 304)
    assert response.headers.getlist("Cross-Origin-Resource-Policy") == policy


def problem(response: TestResponse) -> dict[str, Any]:
    """The problem document of a response; fails if it is none."""
    document: dict[str, Any] = response.get_json(force=True)
    PROBLEM.validate({name: value for name, value in document.items() if name not in OF_GONE})
    return document


def kind(response: TestResponse) -> str:
    """The last part of a problem's type, such as unknown-feature."""
    return str(problem(response)["type"]).rpartition(":")[2]


def platform_cookie(app: Flask, **session: Any) -> str:
    """A session cookie as the platform would sign it."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps(session))
