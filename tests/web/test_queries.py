"""What is answered by a query: what changed, as JSON and as a feed, and the plan of a pipeline."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from application import MakeApp, signed_out, table
from contract import DECODE, Client, kind
from flask import Flask
from support import DOCUMENTED, AnyClient, empty

from service.history import store
from service.history.finding import compact
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.registry.loading.loader import load
from service.registry.model import Label

pytestmark = pytest.mark.usefixtures("same_id")

CHANGES, FEED, PLAN = "/api/changes", "/changes.atom", "/api/pipelines/plan"
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
def app(make_once: MakeApp) -> Flask:
    """A service with the modules of the documentation."""
    return make_once(registry_file=DOCUMENTED, public_url="https://modules.example")


def changes(client: Client, query: str = "") -> dict[str, Any]:
    return dict(client.get(CHANGES + query).json or {})


def test_changes_are_told_newest_first_on_pages_that_miss_nothing_that_comes_meanwhile(
    client: Client, told: AnyClient
) -> None:
    answer = changes(client)
    assert [each["kind"] for each in answer["changes"]] == [each.kind for each in reversed(TOLD)]
    released = next(each for each in answer["changes"] if each["kind"] == "released")
    assert list(released) == ["id", "time", "kind", "slug", "labels", "before", "after", "revision", "votes"]
    assert (released["votes"], released["before"], released["after"]) == (27, "coming_soon", "active")
    assert datetime.fromisoformat(released["time"]).timestamp() * 1000 == int(released["id"].partition("-")[0])
    seen, query = [], "?limit=4"
    while query:
        page = changes(client, query)
        seen += [each["id"] for each in page["changes"]]
        query = page["next"] and f"?limit=4&cursor={page['next']}"
        told.xadd(EVENTS_KEY, {"event": told.xrevrange(EVENTS_KEY, count=1)[0][1]["event"]})
    assert seen == [each["id"] for each in answer["changes"]]
    assert changes(client, "?cursor=1-0") == {"changes": [], "next": None}
    told.xadd(EVENTS_KEY, {"event": '{"kind": "praised"}'})  # of a version that comes later
    answer = changes(client, "?limit=1")
    assert answer["changes"] == [] and answer["next"]


def test_those_of_one_module_are_found_by_its_former_slugs_too(
    make_app: MakeApp, told: AnyClient, tmp_path: Path
) -> None:
    renamed = tmp_path / "registry.yaml"
    entry = "slug: network\n    formerly: [linkedin]\n"
    renamed.write_text(DOCUMENTED.read_text("utf-8").replace("slug: linkedin\n", entry), encoding="utf-8")
    client = signed_out(make_app(registry_file=renamed))
    store.record(told, "b" * 64, "c" * 64, "", [Change(Kind.RENAMED, "network", NAME, "linkedin", "network")])
    kinds = ["renamed", "released", "stage-changed", "added"]
    expected = {"linkedin": kinds, "network": kinds, "gone": ["removed"], "nothing_of_it": []}
    for slug, told_of in expected.items():
        assert [each["kind"] for each in changes(client, f"?module={slug}")["changes"]] == told_of


@pytest.mark.parametrize("path", [CHANGES, FEED, f"{PLAN}?modules=scrap"])
def test_it_has_an_etag_by_which_it_is_not_sent_again_also_without_a_body_and_in_another_coding(
    client: Client, told: AnyClient, path: str
) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.data, dict(head.headers)) == (b"", dict(whole.headers))
    known = {"If-None-Match": whole.headers["ETag"]}
    for method in ("GET", "HEAD"):
        again = client.open(path, method=method, headers=known)
        assert (again.status_code, again.data) == (304, b"")
    assert DECODE["br"](client.get(path, headers={"Accept-Encoding": "br"}).data) == whole.data
    assert client.get(path, headers={"Origin": "https://a.example"}).headers["Access-Control-Allow-Origin"] == "*"
    if path.startswith(PLAN):
        assert client.get(f"{PLAN}?modules=emails", headers=known).status_code == 200
    else:
        assert "Last-Modified" not in whole.headers, "two changes of one second would have the same"
        store.record(told, "b" * 64, "c" * 64, "", TOLD[:1])
        assert client.get(path, headers=known).status_code == 200


def feed(client: Client, query: str = "") -> ElementTree.Element:
    response = client.get(FEED + query)
    assert response.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.data)


def titles(of: ElementTree.Element) -> list[str]:
    """Those of its entries, oldest first."""
    return [str(entry.findtext(f"{ATOM}title")) for entry in of.findall(f"{ATOM}entry")][::-1]


def test_the_feed_has_what_atom_asks_for(client: Client, told: AnyClient) -> None:
    french = feed(client, "?lang=fr")
    entries = french.findall(f"{ATOM}entry")
    for element in (french, *entries):  # RFC 4287, 4.1.1 and 4.1.2
        assert element.findtext(f"{ATOM}title")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
        [alternate] = element.findall(f"{ATOM}link[@rel='alternate']")
        assert alternate.get("hreflang") == "fr"
        assert str(alternate.get("href")).startswith("https://modules.example/fr/")
    assert french.tag == f"{ATOM}feed"
    assert french.findtext(f"{ATOM}id")
    assert french.findtext(f"{ATOM}author/{ATOM}name")
    [own] = french.findall(f"{ATOM}link[@rel='self']")
    assert own.get("href") == "https://modules.example/changes.atom?lang=fr"
    ids = {str(entry.findtext(f"{ATOM}id")) for entry in entries}
    assert len(ids) == len(entries) == len(TOLD)
    assert all(re.fullmatch(r"tag:modules\.example,2026:/changes/fr/\d+-\d+", each) for each in ids)


def test_the_feed_speaks_both_languages_and_without_changes_or_what_xml_cannot_write(
    client: Client, told: AnyClient
) -> None:
    english = titles(feed(client))
    assert english == titles(feed(client, "?lang=en"))
    assert english[2:5] == [
        "LinkedIn · Shipped: it was coming soon and is now active. 27 people had voted for it.",
        "Legal & <data> · Removed. Use instead: Email finder.",
        "Legal & <data> · Its identifier is now emails; the old one, mails, still works.",
    ]
    assert titles(feed(client, "?lang=fr"))[12] == "Données <légales> & cie · Il s’appelait «\xa0Finances\xa0»."
    for path in (f"{FEED}?lang=de", f"{FEED}?lang=", f"{CHANGES}?limit=0", f"{CHANGES}?module="):
        assert (kind(client.get(path)), client.get(path).status_code) == ("invalid-field", 422), path
        assert client.get(path).headers["Access-Control-Allow-Origin"] == "*", "also of what is refused"
    empty(told)
    none = feed(client)
    assert datetime.fromisoformat(none.findtext(f"{ATOM}updated") or "").tzinfo
    assert titles(none) == []
    odd = Change(Kind.ADDED, "odd", Label("a\x00b\x0b\ufffe", "a\x00b\x0b\ufffe"), None, "active")
    store.record(told, None, "a" * 64, "", [odd])
    [title] = titles(feed(client))
    assert title.startswith("ab · ")


#: What a change may not be: kind, before, after, and votes.
DAMAGED = [
    (Kind.RELEASED, "coming_soon", "active", 2**64),
    (Kind.DEPRECATED, None, "soon", None),
    (Kind.RELABELLED, None, "x", None),
    (Kind.RELABELLED, None, None, None),
]


def test_a_damaged_event_is_left_out(client: Client, redis: AnyClient) -> None:
    odd = [encoded(Change(kind, "crm", NAME, *values), "a" * 64, votes) for kind, *values, votes in DAMAGED]
    for text in ("x", "[]", "{}", '{"kind": "added", "slug": "x", "labels": 1}', *odd):
        redis.delete(EVENTS_KEY)
        redis.xadd(EVENTS_KEY, {"event": text})
        assert changes(client)["unreadable"] == 1
        assert [client.get(path).status_code for path in (FEED, "/en/changes")] == [200, 200]
