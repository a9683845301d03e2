"""The pages of modules: what a tile and a module's own page say, while it is there, when it will go, and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import VARIED, Element, add_account, page_of, parse, public
from redis import Redis

from service.registry.loading import load
from service.registry.schema import module_fields
from service.web import state
from service.web.pages import graph


def tile(client: Client, slug: str, lang: str = "en") -> Element:
    return public(client, f"/{lang}/").one("li", id=slug)


def facts(client: Client, slug: str, lang: str = "en") -> dict[str, str]:
    page = public(client, f"/{lang}/modules/{slug}")
    return {each.one("dt").text: each.one("dd").text for each in page.one("dl").all("div")}


def test_tiles_are_grouped_by_category_and_what_works_comes_first(varied: Client) -> None:
    groups = public(varied, "/fr/").one("div", id="modules").all("section")
    assert [(group.one("h2").text, [each["id"] for each in group.all("li")]) for group in groups] == [
        ("Sources 5", ["scrap", "import", "instagram", "posts", "podcasts"]),
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
def test_a_state_is_said_in_words(varied: Client, slug: str, english: str, french: str) -> None:
    assert tile(varied, slug).one(class_="state").text == english
    assert tile(varied, slug, "fr").one(class_="state").text == french


def test_a_tile_says_what_one_needs_to_choose(varied: Client) -> None:
    found = tile(varied, "scrap", "fr")
    assert found.one("h3").text == "Scraper <cartes>"
    assert found.one(class_="description").text == "Récupère les fiches."
    assert found.one(class_="flow").text == "→ Produit leads"
    assert found.one(class_="fact").text == "un à la fois"
    assert found.links == {
        "Scraper <cartes>": "/fr/modules/scrap",
        "Présentation": "https://app.example.com/features/scraper-google-maps",
        "Documentation": "https://docs.example.com/scrap",
    }
    assert tile(varied, "emails").one(class_="flow").text == "Needs leads → Produces emails"
    assert tile(varied, "emails").links["Documentation"] == "https://app.example.com/docs/modules/emails"
    assert tile(varied, "import").all(class_="fact") == []
    assert tile(varied, "sms", "fr").links["Demander l’activation"] == "/fr/modules/sms/request"


def test_without_an_address_of_the_platform_nothing_leads_there(make_public_app: Callable[..., Flask]) -> None:
    client = signed_out(make_public_app(registry_file=VARIED))
    assert list(tile(client, "scrap").links) == ["Maps <scraper>", "Documentation"], "which is an address itself"
    assert list(tile(client, "emails").links) == ["Email finder"]


def test_what_is_coming_can_be_voted_for(varied: Client) -> None:
    found = tile(varied, "hiring", "fr")
    button = found.one("button")
    assert (button.text, button["aria-pressed"]) == ("Voter", "false")
    name = button["aria-label"].replace("\N{NO-BREAK SPACE}", " ")
    assert name == "Voter pour « Recrutements »", "it begins with what is seen, and names the feature"
    assert found.one(data_needed="hiring").text == "", "a number is for those who are signed in"
    assert found.one(class_="fact").text == "en développement"
    without_scripts = found.one("a", href="/fr/modules/hiring/vote")
    assert without_scripts.has("class", "no-js")
    assert without_scripts.text == "Voter"
    assert tile(varied, "scrap").all("button") == []


def test_filters_say_how_many_there_are_and_the_stylesheet_knows_them(varied: Client) -> None:
    """A frozen module is presented as active (product documentation), so it is counted there, too."""
    page = public(varied, "/en/")
    chips = page.all("a", class_="chip")
    assert [chip.text for chip in chips] == [
        "All 11", "Active 6", "Frozen (alpha) 1", "On demand 1", "Meta 1", "Coming soon 3",
        "Sources", "Enrichment", "Signals", "Outreach", "Tools",
    ]  # fmt: skip
    assert chips[1]["href"] == "?state=active"
    style = varied.get(page.one("link", rel="stylesheet")["href"]).text
    states = ["active", "alpha_unavailable", "on_demand", "meta", "coming_soon"]
    for state_, category in zip(states, module_fields()["category"]["enum"], strict=True):
        assert f'[data-state="{state_}"] .tile:not(' in style
        assert f'[data-category="{category}"] .group:not(' in style


def test_a_registry_without_modules_has_pages(with_registry: Callable[..., Flask]) -> None:
    client = signed_out(with_registry("modules: []\n"))
    assert "Nothing is announced" in public(client, "/en/roadmap").one("main").text
    assert "No module can be chained in a pipeline yet." in public(client, "/en/pipelines").text


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


def test_a_modules_page_says_everything_about_it(varied: Client) -> None:
    assert facts(varied, "scrap") == {
        "Identifier": "scrap",
        "Needs": "Nothing",
        "Produces": "leads",
        "Runs": "One at a time on the platform: it shares the VPN pool with 1 other module",
        "In a pipeline": "Yes",
        "Owner": "team-sources",
        "To start it": "POST /api/scrap",
        "Its entry": "GET /api/modules/scrap",
    }
    assert facts(varied, "emails")["Formerly"] == "mails"
    assert facts(varied, "finance")["Runs"].startswith("Not during the alpha")
    assert facts(varied, "sms")["Runs"] == "Once it has been activated for you, on request"
    assert "To start it" not in facts(varied, "sms")


def test_a_modules_page_says_what_feeds_it_and_what_it_feeds(varied: Client) -> None:
    around = public(varied, "/fr/modules/emails").one("aside")
    assert [each.text for each in around.all("h3")] == ["leads vient de", "emails sert à"]
    assert [each.text for each in around.all("li")] == ["Scraper <cartes>", "Reprise", "Aucun module"]


def test_the_roadmap_has_what_is_coming_by_stage(varied: Client) -> None:
    page = public(varied, "/fr/roadmap")
    assert {each.one("h2").text: [one["id"] for one in each.all("li")] for each in page.all("section")} == {
        "En développement 1": ["hiring"],
        "Sans étape 2": ["funding", "podcasts"],
    }
    assert len(page.one("main").all("button", data_vote="hiring")) == 1


def ending(element: Element) -> tuple[list[str], dict[str, str]]:
    """What is said of the end of a module, in lines, and where it leads."""
    found = element.one(class_="ending")
    return [line.text for line in found.all("p")], found.links


def test_a_tile_says_that_its_module_will_go_why_when_and_what_to_use_instead(varied: Client) -> None:
    assert ending(tile(varied, "instagram")) == (
        [
            "Deprecated",
            "One module reads <all> networks.",
            "It may be removed after 1\xa0September 2026. Use instead: Social <posts>",
        ],
        {"Social <posts>": "/en/modules/posts"},
    )
    assert ending(tile(varied, "instagram", "fr")) == (
        [
            "En fin de vie",
            "Un module lit <tous> les réseaux.",
            "Retrait possible après le 1er\xa0septembre 2026. À\xa0utiliser à la place\xa0: Publications <sociales>",
        ],
        {"Publications <sociales>": "/fr/modules/posts"},
    )
    assert tile(varied, "scrap").all(class_="ending") == []


def test_the_page_of_a_module_says_since_when_too(varied: Client) -> None:
    page = public(varied, "/en/modules/instagram")
    assert ending(page)[0][0] == "Deprecated since 1\xa0March 2026"
    assert ending(page)[1] == {"Social <posts>": "/en/modules/posts"}
    said = ["En fin de vie depuis le 1er\xa0mars 2026", "Trop peu utilisé."]
    said.append("Retrait possible après le 24\xa0décembre 2026.")
    assert ending(public(varied, "/fr/modules/posts")) == (said, {})
    assert public(varied, "/en/modules/scrap").all(class_="ending") == []


def test_wherever_one_chooses_a_module_it_says_that_it_will_go(varied: Client, varied_app: Flask, redis: Redis) -> None:
    said = ["Deprecated", "Too dear.", "It may be removed after 24\xa0December 2026. Use instead: Maps <scraper>"]
    links = {"Maps <scraper>": "/en/modules/scrap"}
    assert ending(public(varied, "/en/roadmap").one("li", id="podcasts")) == (said, links)

    alice = add_account(varied_app, redis, "alice")
    assert ending(parse(alice.get("/en/modules/podcasts/vote").text).one("main")) == (said, links)

    listed = public(varied, "/en/graph").one("div", class_="alone").all("li")
    marked = [row.one("a").text for row in listed if row.all(class_="state-deprecated")]
    assert marked == ["Pictures", "Social <posts>", "Podcasts"]
    plan = public(varied, "/en/pipelines?modules=scrap,posts").one(id="plan").all("li", class_="step-module")
    assert {step.one(class_="step-name").text: len(step.all(class_="state-deprecated")) for step in plan} == {
        "Maps <scraper>": 0,
        "Social <posts>": 1,
    }


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_of_a_former_slug_leads_to_that_of_the_module_for_good(varied: Client, method: str, lang: str) -> None:
    response = varied.open(f"/{lang}/modules/feeds", method=method, headers={"If-None-Match": "*"})
    assert (response.status_code, response.headers["Location"]) == (308, f"/{lang}/modules/posts")
    assert response.headers["Cache-Control"] == varied.get("/en/modules/posts").headers["Cache-Control"]
    assert varied.open(f"/{lang}/modules/nowhere", method=method).status_code == 404


def test_former_slugs_stay_below_the_public_address(make_public_app: Callable[..., Flask], redis: Redis) -> None:
    client = signed_out(make_public_app(registry_file=VARIED, public_url="https://registry.example.com/tools"))
    response = client.get("/en/modules/feeds", headers={"Host": "evil.example"})
    assert response.headers["Location"] == "/tools/en/modules/posts"


@pytest.mark.parametrize(
    ("lang", "reason", "gone", "instead"),
    [
        ("en", "The network <closed>.", "vine was removed on 1\xa0February 2026.", "Use instead: Social <posts>"),
        (
            "fr",
            "Le réseau a <fermé>.",
            "vine a été retiré le 1er\xa0février 2026.",
            "À\xa0utiliser à la place\xa0: Publications <sociales>",
        ),
    ],
)
def test_a_removed_module_has_a_page_that_says_so(
    varied: Client, lang: str, reason: str, gone: str, instead: str
) -> None:
    for headers in ({}, {"If-None-Match": "*"}):  # made at the first request, and kept
        page = page_of(varied.get(f"/{lang}/modules/vine", headers=headers), 410, kept=True).one("main")
        assert [page.one(class_="lead").text, page.one("code").text] == [reason, "vine"]
        assert gone in page.text
        assert page.links[instead] == f"/{lang}/modules/posts"
    head = varied.head(f"/{lang}/modules/vine")
    assert (head.status_code, head.data) == (410, b"")
    assert "posts" not in parse(varied.get(f"/{lang}/modules/orkut").text).one("main").text


@pytest.fixture
def edited(with_registry: Callable[..., Flask]) -> Flask:
    """An app of one's own, with a registry that a test may edit."""
    return with_registry(VARIED.read_text(encoding="utf-8"))


def edit(app: Flask, file: Path) -> None:
    """Have another label in force."""
    registry = app.extensions["module_registry"].registry
    file.write_text(VARIED.read_text(encoding="utf-8").replace("Textos", "Mini-messages"), encoding="utf-8")
    for _ in range(2):  # an edit is in force once two looks find the same file
        registry.refresh()


def test_modules_pages_are_kept_up_to_a_number(edited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_KEPT", 3)
    client = edited.test_client()
    here = edited.extensions["module_registry"].in_force

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


def test_an_edit_changes_pages_and_documents_at_once(edited: Flask, tmp_path: Path) -> None:
    client = edited.test_client()
    before = client.get("/fr/modules/sms").headers["ETag"]
    edit(edited, tmp_path / "registry.yaml")
    assert "Mini-messages" in client.get("/fr/").text
    after = client.get("/fr/modules/sms", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert "Mini-messages" in after.text


def test_a_page_that_is_made_while_an_edit_comes_into_force_is_not_kept_beyond_it(
    edited: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = graph.around

    def late(*given: Any) -> Any:
        edit(edited, tmp_path / "registry.yaml")
        return around(*given)

    monkeypatch.setattr(graph, "around", late)
    client = edited.test_client()
    assert "Textos" in client.get("/fr/modules/sms").text, "the one in force when it was asked for"
    assert "Mini-messages" in client.get("/fr/modules/sms").text
