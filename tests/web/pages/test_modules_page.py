"""The pages of modules: what a tile and a module's own page say, while it is there, when it will go, and afterwards."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import VARIED, public

from service.registry.loading import load
from service.registry.schema import module_fields
from service.web import state
from service.web.pages import graph


def test_links_need_neither_host_nor_platform(make_public_app: Callable[..., Flask]) -> None:
    client = signed_out(make_public_app(registry_file=VARIED, public_url="https://registry.example.com"))
    response = client.get("/en/modules/feeds", headers={"Host": "evil.example"})
    assert response.headers["Location"] == "/en/modules/posts"
    page = public(client, "/en/")
    assert list(page.one("#scrap").links) == ["Maps <scraper>", "Documentation"], "which is an address itself"
    assert list(page.one("#emails").links) == ["Email finder"]


def test_the_stylesheet_knows_the_filters(varied: Client) -> None:
    page = public(varied, "/en/")
    assert page.all("nav.filters a.chip")[1]["href"] == "?state=active"
    style = varied.get(page.one("link[rel=stylesheet]")["href"]).text
    states = ["active", "alpha_unavailable", "on_demand", "meta", "coming_soon"]
    for state_, category in zip(states, module_fields()["category"]["enum"], strict=True):
        assert f'html:is([data-state="{state_}"], :not(.js):has(#only-{state_}:target)) :is([data-state]:not(' in style
        asked = f'html:is([data-category="{category}"], :not(.js):has(#only-{category}:target))'
        assert f"{asked} [data-category]:not(" in style


@pytest.mark.parametrize(
    "path", ["", "roadmap", "modules/scrap", "modules/emails", "modules/finance", "modules/hiring"]
)
def test_a_page_shows_its_own_language_only(varied: Client, path: str) -> None:
    modules = load(VARIED).modules
    for lang, other in (("fr", "en"), ("en", "fr")):
        text = unescape(unescape(varied.get(f"/{lang}/{path}").text).replace("Pipeline</", ""))
        for module in modules:
            for both in filter(None, (module.label, module.description)):
                assert getattr(both, other) not in text


@pytest.mark.parametrize("room", ["/api", "/en"])
def test_every_name_is_answered_and_what_moved_leads_to_what_is_there(varied: Client, room: str) -> None:
    registry = load(VARIED)
    for names, status in ((registry.by_slug, 200), (registry.renames, 308), (registry.tombstones, 410)):
        for name in names:
            response = varied.get(f"{room}/modules/{name}")
            assert response.status_code == status, name
            assert status != 308 or varied.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/en/graph/emails/2"),
        ("state=active&category=tools", "/en/graph/emails/2?state=active&category=tools"),
        ("a=%C3%A9", "/en/graph/emails/2?a=%C3%A9"),
        ("\xff", "/en/graph/emails/2"),
        ("x\r\nSet-Cookie:y", "/en/graph/emails/2"),
        ("x" * 600, "/en/graph/emails/2"),
    ],
)
def test_graph_of_former_slug_redirects_with_its_filters(varied: Client, query: str, location: str) -> None:
    response = varied.get("/en/graph/mails/2", environ_overrides={"QUERY_STRING": query})
    assert (response.status_code, response.headers["Location"]) == (308, location)


@pytest.fixture
def edited(with_registry: Callable[..., Flask]) -> Flask:
    """An app of one's own, with a registry that a test may edit."""
    return with_registry(VARIED.read_text(encoding="utf-8"))


def test_modules_pages_are_kept_up_to_a_number(edited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_KEPT", 3)
    client = edited.test_client()
    in_force = edited.extensions["module_registry"].in_force

    def kept() -> list[str]:
        return [path for path in in_force.documents if path.startswith(("/fr/modules/", "/en/modules/"))]

    assert kept() == [], "nothing is rendered before it is asked for"
    for slug in ("scrap", "emails", "import"):
        client.get(f"/fr/modules/{slug}")
    assert kept() == ["/fr/modules/scrap", "/fr/modules/emails", "/fr/modules/import"]
    first = client.get("/fr/modules/scrap")
    client.get("/en/modules/scrap")
    assert kept() == ["/fr/modules/emails", "/fr/modules/import", "/en/modules/scrap"]
    again = client.get("/fr/modules/scrap", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304, "rendered anew, it is the same"


def test_an_edit_changes_pages_at_once_and_one_that_is_made_meanwhile_is_not_kept_beyond_it(
    edited: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = graph.around

    def late(*given: Any) -> Any:
        text = VARIED.read_text("utf-8").replace("Textos", "Mini-messages")
        (tmp_path / "registry.yaml").write_text(text, "utf-8")
        for _ in range(2):  # an edit is in force once two looks find the same file
            edited.extensions["module_registry"].registry.refresh()
        return around(*given)

    client = edited.test_client()
    client.get("/fr/")
    with monkeypatch.context() as patched:
        patched.setattr(graph, "around", late)
        before = client.get("/fr/modules/sms")
        assert "Textos" in before.text, "the one in force when it was asked for"
    assert "Mini-messages" in client.get("/fr/").text
    after = client.get("/fr/modules/sms", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Mini-messages" in after.text
