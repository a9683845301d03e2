"""What is answered by a query: what changed, as JSON and as a feed, and the plan of a pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from application import MODIFIED, signed_out, table
from contract import DECODE, Client, kind, problem
from flask import Flask
from support import DOCUMENTED, AnyClient
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from service.history import store
from service.history.form import compact
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.registry.loading import load
from service.registry.model import Label

pytestmark = pytest.mark.usefixtures("same_id")

CHANGES = "/api/changes"
ATOM = "{http://www.w3.org/2005/Atom}"
NAME = Label("Données <légales> & cie", "Legal & <data>")


def _value(given: Any) -> Any:
    """What a row says: a text, or a label in both languages."""
    return Label(**given) if isinstance(given, dict) else given


#: One of each kind, oldest first.
TOLD = [
    Change(Kind(kind), slug, Label("LinkedIn", "LinkedIn") if slug == "linkedin" else NAME, *map(_value, values))
    for kind, slug, *values in table("told.yaml")
]


@pytest.fixture
def told(redis: AnyClient) -> AnyClient:
    """A store in which each kind of change was recorded."""
    registry = compact(load(DOCUMENTED))
    assert store.record(redis, None, "a" * 64, registry)
    assert store.record(redis, "a" * 64, "b" * 64, registry, TOLD, {"linkedin": 27})
    return redis


@pytest.fixture
def app(make_once: Callable[..., Flask]) -> Flask:
    """A service with the modules of the documentation."""
    return make_once(registry_file=DOCUMENTED, public_url="https://modules.example")


def test_changes_are_told_newest_first(client: Client, told: AnyClient) -> None:
    answer = client.get(CHANGES).json
    assert answer and [each["kind"] for each in answer["changes"]] == [each.kind for each in reversed(TOLD)]
    released = next(each for each in answer["changes"] if each["kind"] == "released")
    assert list(released) == ["id", "time", "kind", "slug", "labels", "before", "after", "revision", "votes"]
    assert (released["votes"], released["before"], released["after"]) == (27, "coming_soon", "active")
    assert datetime.fromisoformat(released["time"]).timestamp() * 1000 == int(released["id"].partition("-")[0])
    assert answer["next"] is None


def test_pages_go_by_cursors_and_miss_nothing_that_comes_meanwhile(client: Client, told: AnyClient) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{CHANGES}?limit=4{cursor and '&cursor='}{cursor}").json
        assert page
        seen += [each["id"] for each in page["changes"]]
        cursor = page["next"]
        told.xadd(EVENTS_KEY, {"event": told.xrevrange(EVENTS_KEY, count=1)[0][1]["event"]})
    assert len(seen) == len(set(seen)) == len(TOLD)
    assert client.get(f"{CHANGES}?cursor=1-0").json == {"changes": [], "next": None}
    told.xadd(EVENTS_KEY, {"event": '{"kind": "praised"}'})  # of a version that comes later
    answer = client.get(f"{CHANGES}?limit=1").json
    assert answer and answer["changes"] == [] and answer["next"]


def test_those_of_one_module_are_found_by_its_former_slugs_too(
    make_app: Callable[..., Flask], told: AnyClient, tmp_path: Path
) -> None:
    renamed = tmp_path / "registry.yaml"
    entry = "slug: network\n    formerly: [linkedin]\n"
    renamed.write_text(DOCUMENTED.read_text("utf-8").replace("slug: linkedin\n", entry), encoding="utf-8")
    client = signed_out(make_app(registry_file=renamed))
    late = Change(Kind.RENAMED, "network", NAME, "linkedin", "network")
    store.record(told, "b" * 64, "c" * 64, "", [late])

    def kinds(slug: str) -> list[str]:
        return [each["kind"] for each in (client.get(f"{CHANGES}?module={slug}").json or {})["changes"]]

    assert kinds("linkedin") == kinds("network") == ["renamed", "released", "stage-changed", "added"]
    assert kinds("gone") == ["removed"]
    assert kinds("nothing_of_it") == []


def sent_once(client: Client, path: str) -> TestResponse:
    """The answer to a GET, whose ETag keeps it from being sent again; also without a body, and in another coding."""
    whole, head = client.get(path), client.head(path)
    assert (head.data, dict(head.headers)) == (b"", dict(whole.headers))
    for method in ("GET", "HEAD"):
        again = client.open(path, method=method, headers={"If-None-Match": whole.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    packed = client.get(path, headers={"Accept-Encoding": "br"})
    assert DECODE["br"](packed.data) == whole.data
    return whole


@pytest.mark.parametrize("path", [CHANGES, "/changes.atom"])
def test_it_has_an_etag_by_which_it_is_not_sent_again(client: Client, told: AnyClient, path: str) -> None:
    whole = sent_once(client, path)
    elsewhere = client.get(path, headers={"Origin": "https://app.example.org"})
    assert elsewhere.headers["Access-Control-Allow-Origin"] == "*"
    assert "Last-Modified" not in whole.headers, "two changes of one second would have the same"
    store.record(told, "b" * 64, "c" * 64, "", TOLD[:1])
    assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 200


def test_the_feed_has_what_atom_asks_for(client: Client, told: AnyClient) -> None:
    response = client.get("/changes.atom?lang=fr")
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.data)
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == len(TOLD)
    for element in (feed, *entries):  # RFC 4287, 4.1.1 and 4.1.2
        for name in ("id", "title", "updated"):
            (child,) = element.findall(f"{ATOM}{name}")
            assert child.text
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
        alternates = [each for each in element.findall(f"{ATOM}link") if each.get("rel") == "alternate"]
        assert [each.get("hreflang") for each in alternates] == ["fr"]
        assert str(alternates[0].get("href")).startswith("https://modules.example/fr/")
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    own = next(each for each in feed.findall(f"{ATOM}link") if each.get("rel") == "self")
    assert own.get("href") == "https://modules.example/changes.atom?lang=fr"
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"tag:modules\.example,2026:/changes/fr/\d+-\d+", str(each)) for each in ids)


def test_the_feed_speaks_both_languages(client: Client, told: AnyClient) -> None:
    def titles(query: str) -> list[str]:
        feed = ElementTree.fromstring(client.get(f"/changes.atom{query}").data)
        return [str(entry.findtext(f"{ATOM}title")) for entry in feed.findall(f"{ATOM}entry")][::-1]

    assert titles("") == titles("?lang=en")
    assert titles("?lang=en")[2:5] == [
        "LinkedIn · Released: it was coming soon, and is active now. 27 people had voted for it.",
        "Legal & <data> · Removed. Use instead: Email finder.",
        "Legal & <data> · Its identifier is emails now; it was mails, which still works.",
    ]
    assert titles("?lang=fr")[12] == "Données <légales> & cie · Il s’appelait «\xa0Finances\xa0»."
    for path in ("/changes.atom?lang=de", f"{CHANGES}?limit=0"):
        assert client.get(path).headers["Access-Control-Allow-Origin"] == "*", "also of what is refused"


def test_a_feed_without_changes_is_whole_and_characters_that_xml_cannot_write_are_left_out(
    client: Client, redis: AnyClient
) -> None:
    feed = ElementTree.fromstring(client.get("/changes.atom").data)
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated") or "").tzinfo
    assert feed.findall(f"{ATOM}entry") == []
    odd = Change(Kind.ADDED, "odd", Label("a\x00b\x0b\ufffe", "a\x00b\x0b\ufffe"), None, "active")
    store.record(redis, None, "a" * 64, "", [odd])
    feed = ElementTree.fromstring(client.get("/changes.atom").data)
    assert str(feed.findtext(f"{ATOM}entry/{ATOM}title")).startswith("ab · ")


@pytest.mark.parametrize("path", [CHANGES, "/changes.atom", "/en/changes"])
def test_without_redis_it_is_503_and_a_damaged_event_is_left_out(
    make_once: Callable[..., Flask], client: Client, redis: AnyClient, path: str
) -> None:
    odd = [encoded(Change(Kind.RELEASED, "crm", NAME, "coming_soon", "active"), "a" * 64, 2**64)]
    odd += [
        encoded(Change(kind, "crm", NAME, None, after), "a" * 64, None)
        for kind, after in ((Kind.DEPRECATED, "soon"), (Kind.RELABELLED, "x"), (Kind.RELABELLED, None))
    ]
    for text in ("x", "[]", "{}", '{"kind": "added", "slug": "x", "labels": 1}', *odd):
        redis.delete(EVENTS_KEY)
        redis.xadd(EVENTS_KEY, {"event": text})
        assert client.get(CHANGES).json["unreadable"] == 1
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200
    client = signed_out(make_once(redis_url="redis://127.0.0.1:1"))
    response = client.get(path, headers={"Accept": "text/html"} if path.startswith("/en") else {})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert path.startswith("/en") <= ("What changed cannot be told right now" in response.text)
    assert client.get("/api/modules-registry").status_code == 200


PLAN = "/api/pipelines/plan"
WANTED = f"{PLAN}?modules=verify_emails,emails,socials,filter,finance"


def test_a_plan_has_the_documented_keys(client: Client) -> None:
    answer = client.get(WANTED).json
    assert answer == {
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
    assert list(answer) == ["order", "parallel", "queued", "missing", "excluded"]


def test_modules_are_named_as_lists_or_as_forms_send_them(client: Client) -> None:
    for query in (
        "modules=scrap&modules=emails",
        "modules=scrap%2Cemails&x=%FF",
        "modules=,scrap,%20emails,&modules=",
        "modules=scrap,emails,scrap",
        f"modules=scrap,emails&x={'y' * 4_000}",
    ):
        assert client.get(f"{PLAN}?{query}").data == client.get(f"{PLAN}?modules=scrap,emails").data


def test_a_plan_is_cached_as_the_other_public_documents(public_app: Flask) -> None:
    client = signed_out(public_app)
    document, made = client.get("/api/modules"), client.get(f"{PLAN}?modules=scrap")
    own = {"ETag", "Content-Length", "Date"}
    assert {name: value for name, value in made.headers if name not in own} == {
        name: value for name, value in document.headers if name not in own
    }
    assert made.headers["Last-Modified"] == http_date(MODIFIED)
    plan = client.get(f"{PLAN}?modules=import").json
    assert plan and plan["excluded"] == [{"slug": "import", "reason": "not_pipelinable"}], "of the registry in force"


def test_a_plan_has_an_etag_by_which_it_is_not_sent_again(client: Client) -> None:
    whole = sent_once(client, WANTED)
    assert client.get(f"{PLAN}?modules=scrap").headers["ETag"] != whole.headers["ETag"]


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
