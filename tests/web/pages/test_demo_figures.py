"""What `make demo` shows agrees with itself: the same figure on each page that has it, and every state of a module."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

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


class Filled(NamedTuple):
    """The demo: its admin and its member, its registry, and with how much it is filled."""

    ana: Client
    camille: Client
    registry: Registry
    numbers: demo.Filled


@pytest.fixture
def filled(make_app: Callable[..., Flask], redis: AnyClient, tmp_path: Path) -> Filled:
    file = tmp_path / "registry.yaml"
    file.write_text(as_yaml(document()), encoding="utf-8")
    app = make_app(registry_file=file)
    registry = app.extensions["module_registry"].in_force.registry
    numbers = demo.fill(redis, registry)
    return Filled(signed_in(app, demo.ADMIN.id), signed_in(app, demo.MEMBER.id), registry, numbers)


def number(text: str) -> int:
    """The first number of a text."""
    return int(re.findall(r"\d[\d,]*", text)[0].replace(",", ""))


def listed(client: Client, path: str, items: str, to_next: str) -> list[Element]:
    """What a list has, over all of its pages."""
    found: list[Element] = []
    while path:
        page = shown(client, path)
        found += page.all(items)
        path = page.links.get(to_next, "")
    return found


def rows(part: Element) -> dict[str, list[str]]:
    """The cells of each row but its heading, by where its first link leads."""
    return {row.all("a")[0]["href"].rpartition("/")[2]: row.texts("td") for row in part.all("tbody tr")}


def parts(ana: Client, name: str) -> dict[str, dict[str, str]]:
    """A part of the table of insights, by id."""
    table = csv.DictReader(io.StringIO(ana.get("/en/admin/insights.csv").text.lstrip("\ufeff")))
    return {row["id"]: row for row in table if row["part"] == name}


def test_votes_are_the_same_number_wherever_they_are_told(filled: Filled) -> None:
    ana = filled.ana
    votes, old, released = (
        {slug: int(row["votes"]) for slug, row in parts(ana, name).items()}
        for name in ("coming_soon", "legacy", "released")
    )
    assert votes | old == ana.get("/api/features").json["counts"]
    insights = shown(ana, "/en/admin/insights")
    assert number(insights.texts("ul.figures a")[2]) == sum(votes.values())
    ranking, *_, legacy = insights.all("table.ranking")
    for part, column, expected in ((ranking, 1, votes), (legacy, 0, old), (insights.one(".released"), 0, released)):
        assert {slug: number(cells[column]) for slug, cells in rows(part).items()} == expected
    shipped = shown(ana, "/en/changes?kind=shipped").all("li.event")
    said = {each.all("a")[0]["href"].rpartition("/")[2]: number(each.one("p").text) for each in shipped}
    assert said == released
    everything = votes | old | released
    assert filled.numbers.votes == sum(everything.values())
    events = ana.get("/api/changes").json["changes"]
    assert {each["slug"]: each["votes"] for each in events if each["kind"] == "released"} == released
    for slug, expected in everything.items():
        own = f"/en/admin/insights/{slug}"
        page, voters = shown(ana, own), listed(ana, own, "div.people tbody tr", "More people")
        assert number(page.one("p.lead").text) == len(voters) == expected, slug
        assert [number(text) for text in page.texts("figcaption")[:1]] in ([], [expected]), slug


def test_requests_and_accounts_are_as_many_wherever_they_are_told(filled: Filled) -> None:
    ana, numbers = filled.ana, filled.numbers
    desk, insights = shown(ana, "/en/admin/requests"), shown(ana, "/en/admin/insights")
    statuses, modules = (
        [number(each) for each in part.texts("a") if each != "All modules"] for part in desk.all("nav.filters ul")
    )
    threads = listed(ana, "/en/admin/requests", "nav.desk-list a.thread-link", "Older")
    assert statuses[0] == sum(statuses[1:]) == sum(modules) == len(threads) == numbers.requests
    asked = [int(row[f"requests_{status}"]) for row in parts(ana, "requests").values() for status in Status]
    assert sum(asked) == numbers.requests
    waiting = sum("unread" in thread["class"].split() for thread in threads)
    told = [insights.texts("ul.figures a")[3], shown(ana, "/en/admin/").one("#waiting").text]
    assert {*map(number, told), ana.get("/api/me").json["waiting"]} == {waiting}
    people = listed(ana, "/en/admin/people", "div.people tbody tr", "More people")
    assert len(people) == number(shown(ana, "/en/admin/people").one("p.hint").text) == numbers.accounts


def test_what_one_has_voted_for_is_in_each_list(filled: Filled) -> None:
    ana, camille = filled.ana, filled.camille
    kept = camille.get("/api/me/votes").json["votes"]
    assert sorted(camille.get("/api/features").json["voted"]) == sorted(vote["feature"] for vote in kept) and kept
    page = shown(camille, "/en/account").texts("ul.own-votes li")
    reasons = [vote["reason"] for vote in kept if vote["reason"]]
    assert reasons and all(any(reason in row for row in page) for reason in reasons)
    person, asked = shown(ana, "/en/admin/person?id=member"), shown(camille, "/en/requests").all("ul.threads li")
    wants = number(person.one("#wants").text), len(person.all("ul.wants li")), len(page)
    assert {*wants} == {len(kept)} and len(person.all("ul.asked li")) == len(asked) > 0
    wanted = max(parts(ana, "coming_soon").values(), key=lambda row: int(row["votes"]))["id"]
    why = shown(ana, f"/en/admin/insights/{wanted}")
    assert number(why.one("#why").text) == len(why.all("ul.reasons li")) > 5


def test_uses_of_a_name_are_the_same_wherever_they_are_told(filled: Filled) -> None:
    ana = filled.ana
    told = {each["name"]: each for each in ana.get("/api/admin/uses").json["names"]}
    requests = {name: each["requests"] for name, each in told.items()}
    assert told.keys() == filled.registry.ending_names and len({asked > 0 for asked in requests.values()}) == 2
    assert {name: sum(each["clients"].values()) for name, each in told.items()} == requests
    assert {name: int(row["uses_90_days"]) for name, row in parts(ana, "uses").items()} == requests
    [table] = [each for each in shown(ana, "/en/admin/insights").all("section") if each.all("#uses")]
    assert {name: number(cells[0]) for name, cells in rows(table).items()} == requests
    events = [each for each in ana.get("/api/changes").json["changes"] if each["kind"] in ("renamed", "merged")]
    assert all(told[each["before"]]["since"] == each["time"][:10] for each in events) and events


def test_every_state_is_there(filled: Filled) -> None:
    """And what the changes tell of a module is what is served of it."""
    ana, registry = filled.ana, filled.registry
    assert all(registry.buckets.values()) and registry.removed and registry.renames
    events = ana.get("/api/changes").json["changes"]
    assert {each["kind"] for each in events} == set(Kind)
    told: dict[str, str] = {}
    for event in reversed(events):  # the oldest first
        slug, kind, after = event["slug"], event["kind"], event["after"]
        answer = ana.get(f"/api/modules/{slug}")
        assert answer.status_code == (410 if kind == "removed" else 200), slug
        if kind == "removed":
            assert answer.json["successor"] == after
            page = page_of(ana.get(f"/en/modules/{slug}", headers=BROWSER), 410, kept=True)
            assert "This module has been removed" in page.text
        elif kind in ("renamed", "merged"):
            old = ana.get(f"/api/modules/{event['before']}")
            assert (old.status_code, old.headers["Location"]) == (308, f"/api/modules/{slug}")
        elif kind == "deprecated":
            told[slug] = after
        elif kind == "undeprecated":
            told.pop(slug, None)
    ends = {module.slug: module.deprecated.removed_after for module in registry.modules if module.deprecated}
    assert told == ends and ends
    assert "may be removed after" in public(ana, f"/en/modules/{next(iter(ends))}").text
    month = month_before(datetime.now(UTC).date().isoformat()[:7])
    assert shown(ana, f"/en/changes?kind=shipped&month={month}").all("li.event")
    [shipped], [vote] = ana.get("/api/me").json["shipped"], ana.get("/api/me/votes").json["votes"]
    assert vote["feature"] == shipped["slug"] and vote["day"] < shipped["released"]
