"""What changed, as pages: of all modules by day, and of one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import parse, shown
from support import DOCUMENTED, AnyClient

from service.history import store
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.registry.model import Label

NAME = Label("LinkedIn", "LinkedIn")
#: In UTC these are on two days: the last millisecond of one, and the first of the next.
EVENING = 1_764_201_599_999


@pytest.fixture(scope="module")
def documented(make_public_app: Callable[..., Flask]) -> Flask:
    """The app with the modules of the documentation."""
    return make_public_app(registry_file=DOCUMENTED)


@pytest.fixture
def client(documented: Flask, redis: AnyClient) -> Client:
    """Nobody, there, on an empty store."""
    return signed_out(documented)


def put(redis: AnyClient, at: int, change: Change) -> None:
    redis.xadd(EVENTS_KEY, {"event": encoded(change, "a" * 64, 1234)}, id=f"{at}-0")


def test_changes_stand_under_their_day_newest_first(client: Client, redis: AnyClient) -> None:
    put(redis, EVENING, Change(Kind.ADDED, "linkedin", NAME, None, "coming_soon"))
    put(redis, EVENING + 1, Change(Kind.RELEASED, "linkedin", NAME, "coming_soon", "active"))
    found = shown(client, "/en/changes").one("div", id="changes")
    assert [heading.text for heading in found.all("h2")] == ["27\xa0November 2025", "26\xa0November 2025"]
    assert [time.text for time in found.all("time")] == ["00:00", "23:59"]
    assert [said.text for said in found.all("p")] == [
        "Released: it was coming soon, and is active now. 1,234 people had voted for it.",
        "New: coming soon.",
    ]
    assert {link["href"] for link in found.all("a")} == {"/en/modules/linkedin"}

    french = shown(client, "/fr/changes")
    assert (french.one("h1").text, french.part("#changes h2")[0].text) == ("Évolutions", "27\xa0novembre 2025")
    said = "Disponible\xa0: annoncé jusqu’ici, il est désormais actif. 1\u202f234 personnes avaient voté pour lui."
    assert french.part("#changes p")[0].text == said
    for of in (french, *(parse(client.get(path).text) for path in ("/fr/", "/fr/modules/linkedin"))):
        link = of.one("link", type="application/atom+xml")
        assert link["href"] == "/changes.atom?lang=fr"
        assert client.get(link["href"]).status_code == 200


def test_a_name_without_a_page_is_no_link(client: Client, redis: AnyClient) -> None:
    assert store.record(redis, None, "a" * 64, "", [Change(Kind.REMOVED, "gone", NAME, "active", "emails")])
    found = shown(client, "/en/changes").one("div", id="changes")
    assert found.one("h3").all("a") == []
    assert found.one("p").text.startswith("Removed. Use instead: Email finder")
    assert [link["href"] for link in found.all("a")] == ["/en/modules/emails"]
    of_it = shown(client, "/en/changes?module=gone")
    assert of_it.one("p", class_="eyebrow").text == "LinkedIn"  # as its last event has it
    assert of_it.one("title").text.startswith("LinkedIn · Changes")


def test_older_ones_are_on_pages_behind(client: Client, redis: AnyClient) -> None:
    for number in range(51):
        put(redis, EVENING + number, Change(Kind.ADDED, "linkedin", NAME, None, "coming_soon"))
    first = shown(client, "/en/changes")
    older = first.links["Older"]
    assert older == f"/en/changes?cursor={EVENING + 1}-0"
    second = shown(client, older)
    assert [item["id"] for item in second.all("li", class_="event")] == [f"event-{EVENING}-0"]
    assert second.links["Latest"] == "/en/changes"
    assert "Older" not in second.links
    assert second.one("meta", name="robots")["content"] == "noindex"


def test_a_module_has_its_part_to_which_its_page_leads(client: Client, redis: AnyClient) -> None:
    assert "Nothing has changed yet." in shown(client, "/en/changes").text
    assert "Nothing has changed yet." in shown(client, "/en/changes?module=linkedin&cursor=").text
    assert "There is nothing further back." in shown(client, "/en/changes?cursor=1-0").text
    changes = [Change(Kind.ADDED, slug, NAME, None, "coming_soon") for slug in ("linkedin", "crm")]
    assert store.record(redis, None, "a" * 64, "", changes)
    part = parse(client.get("/en/modules/linkedin").text).one("details", id="what-changed")
    address = part.one("a")["href"]
    assert part.one("div")["data-from"] == address
    found = shown(client, address)
    assert [item.one("p").text for item in found.all("li", class_="event")] == ["New: coming soon."]
    assert found.all("a", class_="language")[0]["href"] == "/fr/changes?module=linkedin"
    assert found.one("p", class_="eyebrow").one("a")["href"] == "/en/modules/linkedin"
    for query in ("module=%22%3E", "cursor=x", "cursor=1-0%22"):
        shown(client, f"/en/changes?{query}", 422)
