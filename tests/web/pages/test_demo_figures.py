"""What `make demo` shows agrees with itself: the same figure on each page that has it, and every state of a module."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import demo
import pytest
from application import signed_in
from contract import Client
from demo_registry import as_yaml, document
from flask import Flask
from markup import BROWSER, Element, page_of, public, shown
from support import AnyClient

from service.feedback.model import Status
from service.history.model import Kind, month_before
from service.registry.model import Registry

pytestmark = pytest.mark.long


@pytest.fixture
def demo_app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    file = tmp_path / "registry.yaml"
    file.write_text(as_yaml(document()), encoding="utf-8")
    return make_app(registry_file=file)


@pytest.fixture
def registry(demo_app: Flask) -> Registry:
    in_force: Registry = demo_app.extensions["module_registry"].in_force.registry
    return in_force


@pytest.fixture
def filled(redis: AnyClient, registry: Registry) -> demo.Filled:
    return demo.fill(redis, registry)


@pytest.fixture
def ana(demo_app: Flask, filled: demo.Filled) -> Client:
    """The demo's admin."""
    return signed_in(demo_app, demo.ADMIN.id)


def number(text: str) -> int:
    """The first number of a text."""
    return int(re.findall(r"\d[\d,]*", text)[0].replace(",", ""))


def rows(table: Element) -> dict[str, list[str]]:
    """The cells of each row, by where its first link leads."""
    said = {}
    for row in table.all("tbody tr"):
        cells = [cell.text for cell in row if cell.tag in ("td", "th")]
        said[row.all("a")[0]["href"].rpartition("/")[2]] = cells
    return said


def listed(client: Client, path: str, find: Callable[[Element], list[Any]], to_next: str) -> list[Any]:
    """What a list has, over all of its pages."""
    page = shown(client, path)
    items = find(page)
    while path := page.links.get(to_next, ""):
        page = shown(client, path)
        items += find(page)
    return items


def parts(ana: Client, name: str) -> dict[str, dict[str, str]]:
    """A part of the table of insights, by id."""
    table = csv.DictReader(io.StringIO(ana.get("/en/admin/insights.csv").text.lstrip("\ufeff")))
    return {row["id"]: row for row in table if row["part"] == name}


def told_of_releases(client: Client) -> dict[str, str]:
    """What the page of changes says of releases, by slug."""
    events = shown(client, "/en/changes?kind=shipped").all("li.event")
    return {each.all("a")[0]["href"].rpartition("/")[2]: each.one("p").text for each in events}


def test_votes_are_the_same_number_wherever_they_are_told(ana: Client, filled: demo.Filled) -> None:
    insights = shown(ana, "/en/admin/insights")
    ranking, *_, legacy = insights.all("table.ranking")
    votes = {slug: number(cells[2]) for slug, cells in rows(ranking).items()}
    old = {slug: number(cells[1]) for slug, cells in rows(legacy).items()}
    released = {slug: number(cells[1]) for slug, cells in rows(insights.one(".released")).items()}
    everything = votes | old | released
    assert votes | old == (ana.get("/api/features").json or {})["counts"]
    assert number(insights.texts("ul.figures a")[2]) == sum(votes.values())
    assert filled.votes == sum(everything.values())
    for name, expected in {"coming_soon": votes, "legacy": old, "released": released}.items():
        assert {slug: int(row["votes"]) for slug, row in parts(ana, name).items()} == expected
    events = (ana.get("/api/changes").json or {})["changes"]
    assert {each["slug"]: each["votes"] for each in events if each["kind"] == "released"} == released
    assert {slug: number(said) for slug, said in told_of_releases(ana).items()} == released
    for slug, expected in everything.items():
        own = f"/en/admin/insights/{slug}"
        page = shown(ana, own)
        voters = listed(ana, own, lambda each: each.all("div.people tbody tr"), "More people")
        assert number(page.one("p.lead").text) == len(voters) == expected, slug
        for curve in page.all("figcaption")[:1]:
            assert number(curve.text) == expected, slug


def test_requests_and_accounts_are_as_many_wherever_they_are_told(ana: Client, filled: demo.Filled) -> None:
    desk, insights = shown(ana, "/en/admin/requests"), shown(ana, "/en/admin/insights")
    statuses, modules = [
        [number(each) for each in part.texts("a") if each != "All modules"] for part in desk.all("nav.filters ul")
    ]
    threads = listed(ana, "/en/admin/requests", lambda each: each.all("nav.desk-list a.thread-link"), "Older")
    assert statuses[0] == sum(statuses[1:]) == sum(modules) == len(threads) == filled.requests
    asked = [int(row[f"requests_{status}"]) for row in parts(ana, "requests").values() for status in Status]
    assert sum(asked) == filled.requests
    waiting = sum("unread" in thread["class"].split() for thread in threads)
    admin = shown(ana, "/en/admin/")
    told = [insights.texts("ul.figures a")[3], admin.one("#waiting").text]
    assert {*map(number, told), (ana.get("/api/me").json or {})["waiting"]} == {waiting}

    people = listed(ana, "/en/admin/people", lambda each: each.all("div.people tbody tr"), "More people")
    assert len(people) == filled.accounts
    assert number(shown(ana, "/en/admin/people").one("p.hint").text) == filled.accounts


def test_what_one_has_voted_for_is_in_each_list(demo_app: Flask, ana: Client, filled: demo.Filled) -> None:
    camille = signed_in(demo_app, demo.MEMBER.id)
    own = (camille.get("/api/features").json or {})["voted"]
    kept = (camille.get("/api/me/votes").json or {})["votes"]
    assert sorted(own) == sorted(vote["feature"] for vote in kept) and kept
    page = shown(camille, "/en/account").all("ul.own-votes li")
    assert len(page) == len(kept)
    reasons = [vote["reason"] for vote in kept if vote["reason"]]
    assert reasons and all(any(reason in row.text for row in page) for reason in reasons)
    person = shown(ana, "/en/admin/person?id=member")
    asked = shown(camille, "/en/requests").all("ul.threads li")
    figures = [number(person.one("#wants").text), len(person.all("ul.wants li")), len(person.all("ul.asked li"))]
    assert figures == [len(kept), len(kept), len(asked)] and asked
    wanted = max(parts(ana, "coming_soon").values(), key=lambda row: int(row["votes"]))["id"]
    why = shown(ana, f"/en/admin/insights/{wanted}")
    assert number(why.one("#why").text) == len(why.all("ul.reasons li")) > 5


def test_uses_of_a_name_are_the_same_wherever_they_are_told(ana: Client, registry: Registry) -> None:
    told = {each["name"]: each for each in (ana.get("/api/admin/uses").json or {})["names"]}
    assert told.keys() == registry.ending_names and len({each["requests"] > 0 for each in told.values()}) == 2
    assert all(sum(each["clients"].values()) == each["requests"] for each in told.values())
    assert {name: int(row["uses_90_days"]) for name, row in parts(ana, "uses").items()} == {
        name: each["requests"] for name, each in told.items()
    }
    shown_in_insights = rows(
        next(each for each in shown(ana, "/en/admin/insights").all("section") if each.all("#uses"))
    )
    assert {name: number(cells[1]) for name, cells in shown_in_insights.items()} == {
        name: each["requests"] for name, each in told.items()
    }
    events = [each for each in (ana.get("/api/changes").json or {})["changes"] if each["kind"] in ("renamed", "merged")]
    assert {each["before"]: told[each["before"]]["since"] for each in events} == {
        each["before"]: each["time"][:10] for each in events
    }


def test_every_state_is_there(ana: Client, registry: Registry, filled: demo.Filled) -> None:
    """And what the changes tell of a module is what is served of it."""
    assert all(registry.buckets.values()) and registry.removed and registry.renames
    events = (ana.get("/api/changes").json or {})["changes"]
    assert {each["kind"] for each in events} == set(Kind)
    for event in events:
        slug, kind, after = event["slug"], event["kind"], event["after"]
        answer = ana.get(f"/api/modules/{slug}")
        assert answer.status_code == (410 if kind == "removed" else 200), slug
        if kind == "removed":
            assert (answer.json or {})["successor"] == after
            assert (
                "This module has been removed"
                in page_of(ana.get(f"/en/modules/{slug}", headers=BROWSER), 410, kept=True).text
            )
        elif kind in ("renamed", "merged"):
            old = ana.get(f"/api/modules/{event['before']}")
            assert (old.status_code, old.headers["Location"]) == (308, f"/api/modules/{slug}")
    ends = {module.slug: module.deprecated.removed_after for module in registry.modules if module.deprecated}
    told: dict[str, str] = {}
    for event in reversed(events):  # the oldest first
        told |= {event["slug"]: event["after"]} if event["kind"] == "deprecated" else {}
        told = {slug: day for slug, day in told.items() if (event["kind"], event["slug"]) != ("undeprecated", slug)}
    assert told == ends and ends
    assert "may be removed after" in public(ana, f"/en/modules/{next(iter(ends))}").text
    month = month_before(datetime.now(UTC).date().isoformat()[:7])
    assert shown(ana, f"/en/changes?kind=shipped&month={month}").all("li.event")
    [shipped] = (ana.get("/api/me").json or {})["shipped"]
    [vote] = (ana.get("/api/me/votes").json or {})["votes"]
    assert vote["feature"] == shipped["slug"] and vote["day"] < shipped["released"]
