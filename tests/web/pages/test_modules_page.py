"""The pages of modules: what a tile and a module's own page say."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from contract import Client
from flask import Flask
from markup import Element, parse

from service.registry.loading import load
from service.registry.schema import module_fields
from service.web import state
from service.web.pages import graph

#: One module of each state, with everything that an entry can say.
REGISTRY = """
modules:
  - slug: scrap
    category: sources
    label: { fr: "Scraper <cartes>", en: "Maps <scraper>" }
    description: { fr: "Récupère les fiches.", en: "Collects listings." }
    keywords: [fiches, listings]
    produces: [leads]
    pipelinable: true
    api_endpoint: /api/scrap
    multi_proxy: true
    feature_page: scraper-google-maps
    documentation: https://docs.example.com/scrap
    owner: team-sources
  - slug: emails
    category: enrich
    label: { fr: "Recherche d’e-mails", en: Email finder }
    formerly: [mails]
    needs: [leads]
    produces: [emails]
    api_endpoint: /api/emails
    multi_proxy: true
    documentation: /docs/modules/emails
  - { slug: import, category: sources, label: { fr: Reprise, en: Import }, produces: [leads], api_endpoint: /api/i }
  - slug: finance
    category: enrich
    label: { fr: "Données financières", en: Financial data }
    needs: [leads]
    alpha_unavailable: true
    api_endpoint: /api/finance
  - { slug: sms, category: outreach, label: { fr: Textos, en: Text messages }, is_on_demand: true }
  - { slug: pipeline, category: tools, label: { fr: Enchaînement, en: Pipeline }, is_meta: true, api_endpoint: /api/p }
  - slug: hiring
    category: signals
    label: { fr: Recrutements, en: Hiring }
    coming_soon: true
    stage: building
  - { slug: funding, category: signals, label: { fr: "Levées de fonds", en: Funding rounds }, coming_soon: true }
"""


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    return file


@pytest.fixture
def platform(make_app: Callable[..., Flask]) -> Client:
    client = make_app(platform_url="https://app.example.com").test_client()
    assert isinstance(client, Client)
    return client


def tile(client: Client, slug: str, lang: str = "en") -> Element:
    return parse(client.get(f"/{lang}/").text).one("li", id=slug)


def links(element: Element) -> dict[str, str]:
    return {link.text: link.attributes["href"] for link in element.all("a")}


def ids(element: Element) -> list[str]:
    return [each.attributes["id"] for each in element.all("li")]


def test_tiles_are_grouped_by_category_and_what_works_comes_first(client: Client) -> None:
    page = parse(client.get("/fr/").text).one("div", id="modules")
    groups = [
        (group.one("h2").text, [each.attributes["id"] for each in group.all("li")]) for group in page.all("section")
    ]
    assert groups == [
        ("Sources 2", ["scrap", "import"]),
        ("Enrichissement 2", ["emails", "finance"]),
        ("Signaux 2", ["hiring", "funding"]),
        ("Prospection 1", ["sms"]),
        ("Outils 1", ["pipeline"]),
    ]


@pytest.mark.parametrize(
    ("slug", "english", "french"),
    [
        ("scrap", "Active", "Actif"),
        ("finance", "Active, frozen during the alpha", "Actif, gelé pendant l’alpha"),
        ("sms", "On demand", "Sur demande"),
        ("pipeline", "Meta", "Méta"),
        ("hiring", "Coming soon", "À venir"),
    ],
)
def test_a_state_is_said_in_words(client: Client, slug: str, english: str, french: str) -> None:
    assert tile(client, slug).one(class_="state").text == english
    assert tile(client, slug, "fr").one(class_="state").text == french


def test_a_tile_says_what_one_needs_to_choose(platform: Client) -> None:
    found = tile(platform, "scrap", "fr")
    assert found.one("h3").text == "Scraper <cartes>"
    assert found.one(class_="description").text == "Récupère les fiches."
    assert found.one(class_="flow").text == "→ Produit leads"
    assert found.one(class_="fact").text == "un à la fois"
    assert links(found) == {
        "Scraper <cartes>": "/fr/modules/scrap",
        "Présentation": "https://app.example.com/features/scraper-google-maps",
        "Documentation": "https://docs.example.com/scrap",
    }
    assert tile(platform, "emails").one(class_="flow").text == "Needs leads → Produces emails"
    assert links(tile(platform, "emails"))["Documentation"] == "https://app.example.com/docs/modules/emails"
    assert tile(platform, "import").all(class_="fact") == []


def test_without_an_address_of_the_platform_nothing_leads_there(client: Client) -> None:
    assert list(links(tile(client, "scrap"))) == ["Maps <scraper>", "Documentation"], "which is an address itself"
    assert list(links(tile(client, "emails"))) == ["Email finder"]


def test_what_is_coming_can_be_voted_for(client: Client) -> None:
    found = tile(client, "hiring", "fr")
    button = found.one("button")
    assert (button.text, button.attributes["aria-pressed"]) == ("Voter", "false")
    name = button.attributes["aria-label"].replace("\N{NO-BREAK SPACE}", " ")
    assert name == "Voter pour « Recrutements »", "it begins with what is seen, and names the feature"
    assert found.one(data_needed="hiring").text == "", "a number is for those who are signed in"
    assert found.one(class_="fact").text == "en développement"
    assert tile(client, "scrap").all("button") == []


def test_what_is_on_demand_leads_to_the_form(client: Client) -> None:
    assert links(tile(client, "sms", "fr"))["Demander l’activation"] == "/fr/modules/sms/request"


def test_filters_say_how_many_there_are(client: Client) -> None:
    """A frozen module is presented as active (product documentation), so it is counted there, too."""
    chips = parse(client.get("/en/").text).all("a", class_="chip")
    assert [chip.text for chip in chips] == [
        "All 8", "Active 4", "Frozen (alpha) 1", "On demand 1", "Meta 1", "Coming soon 2",
        "Sources", "Enrichment", "Signals", "Outreach", "Tools",
    ]  # fmt: skip
    assert chips[1].attributes["href"] == "?state=active"


def test_the_stylesheet_knows_every_filter(client: Client) -> None:
    href = parse(client.get("/en/").text).one("link", rel="stylesheet").attributes["href"]
    style = client.get(href).text
    states = ["active", "alpha_unavailable", "on_demand", "meta", "coming_soon"]
    for state_, category in zip(states, module_fields()["category"]["enum"], strict=True):
        assert f'[data-state="{state_}"] .tile:not(' in style
        assert f'[data-category="{category}"] .group:not(' in style


def test_a_registry_without_modules_has_pages(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(
        "modules: [{ slug: a, category: tools, label: { fr: A, en: A }, is_meta: true, api_endpoint: /api/a }]"
    )
    client = make_app(registry_file=file).test_client()
    assert "Nothing is announced" in parse(client.get("/en/roadmap").text).one("main").text


@pytest.mark.parametrize(
    "path", ["", "roadmap", *(f"modules/{slug}" for slug in ("scrap", "emails", "finance", "hiring"))]
)
def test_a_page_shows_its_own_language_only(client: Client, registry_file: Path, path: str) -> None:
    modules = load(registry_file).modules
    for lang, other in (("fr", "en"), ("en", "fr")):
        text = unescape(client.get(f"/{lang}/{path}").text)
        for module in modules:
            for both in filter(None, (module.label, module.description)):
                assert getattr(both, other) not in text.replace("Pipeline</", "").replace("&lt;", "<").replace(
                    "&gt;", ">"
                )


def facts(client: Client, slug: str, lang: str = "en") -> dict[str, str]:
    page = parse(client.get(f"/{lang}/modules/{slug}").text)
    return {each.one("dt").text: each.one("dd").text for each in page.one("dl").all("div")}


def test_a_modules_page_says_everything_about_it(platform: Client) -> None:
    assert facts(platform, "scrap") == {
        "Identifier": "scrap",
        "Needs": "Nothing",
        "Produces": "leads",
        "Runs": "One at a time on the platform: it shares the VPN pool with 1 other module",
        "In a pipeline": "Yes",
        "Owner": "team-sources",
        "To start it": "POST /api/scrap",
        "Its entry": "GET /api/modules/scrap",
    }
    assert facts(platform, "emails")["Formerly"] == "mails"
    assert facts(platform, "finance")["Runs"].startswith("Not during the alpha")
    assert facts(platform, "sms")["Runs"] == "Once it has been activated for you, on request"
    assert "To start it" not in facts(platform, "sms")


def test_a_modules_page_says_what_feeds_it_and_what_it_feeds(client: Client) -> None:
    around = parse(client.get("/fr/modules/emails").text).one("aside")
    assert [each.text for each in around.all("h3")] == ["leads vient de", "emails sert à"]
    assert [each.text for each in around.all("li")] == ["Scraper <cartes>", "Reprise", "Aucun module"]


def test_a_former_slug_leads_to_the_page(client: Client) -> None:
    response = client.get("/fr/modules/mails")
    assert (response.status_code, response.headers["Location"]) == (308, "/fr/modules/emails")
    assert client.get("/fr/modules/nowhere").status_code == 404


def test_the_roadmap_has_what_is_coming_by_stage(client: Client) -> None:
    page = parse(client.get("/fr/roadmap").text)
    assert {each.one("h2").text: ids(each) for each in page.all("section")} == {
        "En développement 1": ["hiring"],
        "Sans étape 1": ["funding"],
    }
    assert len(page.one("main").all("button", data_vote="hiring")) == 1


def test_modules_pages_are_kept_up_to_a_number(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_KEPT", 3)
    client = app.test_client()
    here = app.extensions["module_registry"].in_force

    def kept() -> list[str]:
        return [path for path in here.documents if path.startswith(("/fr/modules/", "/en/modules/"))]

    assert kept() == [], "nothing is rendered before it is asked for"
    for slug in ("scrap", "emails", "import"):
        client.get(f"/fr/modules/{slug}")
    assert kept() == ["/fr/modules/scrap", "/fr/modules/emails", "/fr/modules/import"]
    first = client.get("/fr/modules/scrap")
    client.get("/en/modules/scrap")
    assert kept() == ["/fr/modules/emails", "/fr/modules/import", "/en/modules/scrap"]
    again = client.get("/fr/modules/scrap", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304, "rendered anew, it is the same"


def test_an_edit_changes_pages_and_documents_at_once(app: Flask, registry_file: Path) -> None:
    client = app.test_client()
    before = client.get("/fr/modules/sms").headers["ETag"]
    registry_file.write_text(REGISTRY.replace("Textos", "Mini-messages"), encoding="utf-8")
    for _ in range(2):  # an edit is in force once two looks find the same file
        app.extensions["module_registry"].registry.refresh()
    assert "Mini-messages" in client.get("/fr/").text
    after = client.get("/fr/modules/sms", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert "Mini-messages" in after.text


def test_a_page_that_is_made_while_an_edit_comes_into_force_is_not_kept_beyond_it(
    app: Flask, registry_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = graph.around

    def late(*given: Any) -> Any:
        registry_file.write_text(REGISTRY.replace("Textos", "Mini-messages"), encoding="utf-8")
        for _ in range(2):
            app.extensions["module_registry"].registry.refresh()
        return around(*given)

    monkeypatch.setattr(graph, "around", late)
    client = app.test_client()
    assert "Textos" in client.get("/fr/modules/sms").text, "the one in force when it was asked for"
    assert "Mini-messages" in client.get("/fr/modules/sms").text
