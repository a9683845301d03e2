"""The plan of a pipeline over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import MODIFIED, signed_out
from contract import DECODE, Client, kind, problem
from flask import Flask
from support import DOCUMENTED
from werkzeug.http import http_date

pytestmark = pytest.mark.usefixtures("same_id")

PLAN = "/api/pipelines/plan"
WANTED = f"{PLAN}?modules=verify_emails,emails,socials,filter,finance"


@pytest.fixture(scope="module")
def client(make_public_app: Callable[..., Flask]) -> Client:
    """Nobody, at a service with the modules of the documentation."""
    return signed_out(make_public_app(registry_file=DOCUMENTED))


def test_a_plan_has_the_documented_keys(client: Client) -> None:
    found = client.get(WANTED).json
    assert found == {
        "order": ["filter", "emails", "socials", "verify_emails"],
        "parallel": [["filter"], ["emails", "socials"], ["verify_emails"]],
        "queued": ["emails", "socials"],
        "missing": [
            {
                "artifact": "leads",
                "needed_by": ["emails", "socials", "filter"],
                "supplied_by": ["scrap", "import"],
            }
        ],
        "excluded": [{"slug": "finance", "reason": "alpha_unavailable"}],
    }
    assert list(found) == ["order", "parallel", "queued", "missing", "excluded"]


def test_modules_are_named_as_lists_or_as_forms_send_them(client: Client) -> None:
    for query in (
        "modules=scrap&modules=emails",
        "modules=scrap%2Cemails&x=%FF",
        "modules=,scrap,%20emails,&modules=",
        "modules=scrap,emails,scrap",
        f"modules=scrap,emails&x={'y' * 4_000}",
    ):
        assert client.get(f"{PLAN}?{query}").data == client.get(f"{PLAN}?modules=scrap,emails").data


def test_it_is_cached_as_the_other_public_documents(public_app: Flask) -> None:
    client = signed_out(public_app)
    document, made = client.get("/api/modules"), client.get(f"{PLAN}?modules=scrap")
    own = {"ETag", "Content-Length", "Date"}
    assert {name: value for name, value in made.headers if name not in own} == {
        name: value for name, value in document.headers if name not in own
    }
    assert made.headers["Last-Modified"] == http_date(MODIFIED)
    here = client.get(f"{PLAN}?modules=import").json
    assert here and here["excluded"] == [{"slug": "import", "reason": "not_pipelinable"}], "of the registry in force"


def test_it_has_an_etag_by_which_it_is_not_sent_again(client: Client) -> None:
    whole = client.get(WANTED)
    head = client.head(WANTED)
    assert (head.data, dict(head.headers)) == (b"", dict(whole.headers))
    for method in ("GET", "HEAD"):
        again = client.open(WANTED, method=method, headers={"If-None-Match": whole.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{PLAN}?modules=scrap").headers["ETag"] != whole.headers["ETag"]
    packed = client.get(WANTED, headers={"Accept-Encoding": "br"})
    assert DECODE["br"](packed.data) == whole.data


def test_a_query_that_names_none_is_422(client: Client) -> None:
    for query in ("", "modules=,%20,&other=scrap"):
        response = client.get(f"{PLAN}?{query}")
        assert (response.status_code, kind(response)) == (422, "invalid-field")
        said = (problem(response).get("field"), problem(response)["detail"])
        assert said == ("modules", "modules must name 1 to 50 modules, not 0.")
        assert client.head(f"{PLAN}?{query}").status_code == 422


def test_unknown_modules_are_422_with_suggestions(client: Client) -> None:
    response = client.get(f"{PLAN}?modules=emials,scrap,nowhere,%22%0A")
    assert (response.status_code, kind(response)) == (422, "unknown-modules")
    said = problem(response)
    assert said["suggestions"] == {"emials": "emails", "nowhere": None, '"': None}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
