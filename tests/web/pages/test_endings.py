"""The end of a module, as people see it: deprecated, then gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from contract import Client
from flask import Flask
from markup import Element, parse

REGISTRY = """
modules:
  - slug: instagram
    category: sources
    label: { fr: Instagram, en: Instagram }
    api_endpoint: /api/instagram
    deprecated:
      since: 2026-03-01
      removed_after: 2026-09-01
      use: posts
      because: { fr: "Un module lit <tous> les réseaux.", en: One module reads <all> networks. }
  - slug: posts
    category: sources
    label: { fr: "Publications <sociales>", en: Social <posts> }
    formerly: [feeds]
    api_endpoint: /api/posts
    deprecated:
      since: 2026-03-01
      removed_after: 2026-12-24
      because: { fr: "Trop peu utilisé.", en: Used too little. }
  - { slug: maps, category: sources, label: { fr: Cartes, en: Maps }, pipelinable: true, api_endpoint: /api/maps }
  - slug: plans
    category: sources
    label: { fr: Plans, en: Plans }
    pipelinable: true
    api_endpoint: /api/plans
    deprecated: { since: 2026-03-01, removed_after: 2026-12-24, because: { fr: Trop rare., en: Too rare. } }
  - slug: podcasts
    category: sources
    label: { fr: Podcasts, en: Podcasts }
    coming_soon: true
    deprecated: { since: 2026-03-01, removed_after: 2026-12-24, use: maps, because: { fr: Trop cher., en: Too dear. } }
removed:
  - { slug: vine, date: 2026-02-01, use: posts, because: { fr: "Le réseau a <fermé>.", en: The network <closed>. } }
  - { slug: orkut, date: 2026-02-01, because: { fr: "Le réseau a fermé.", en: The network closed. } }
"""


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    return file


def ending(element: Element) -> tuple[list[str], dict[str, str]]:
    """What is said of the end of a module, in lines, and where it leads."""
    found = element.one(class_="ending")
    return [line.text for line in found.all("p")], {link.text: link.attributes["href"] for link in found.all("a")}


def test_a_tile_says_that_its_module_will_go_why_when_and_what_to_use_instead(client: Client) -> None:
    tiles = {lang: parse(client.get(f"/{lang}/").text) for lang in ("en", "fr")}
    assert ending(tiles["en"].one("li", id="instagram")) == (
        [
            "Deprecated",
            "One module reads <all> networks.",
            "It may be removed after 1\xa0September 2026. Use instead: Social <posts>",
        ],
        {"Social <posts>": "/en/modules/posts"},
    )
    assert ending(tiles["fr"].one("li", id="instagram")) == (
        [
            "En fin de vie",
            "Un module lit <tous> les réseaux.",
            "Retrait possible après le 1er\xa0septembre 2026. "
            "À\N{NO-BREAK SPACE}utiliser à la place\N{NO-BREAK SPACE}: Publications <sociales>",
        ],
        {"Publications <sociales>": "/fr/modules/posts"},
    )
    assert tiles["en"].one("li", id="maps").all(class_="ending") == []


def test_the_page_of_a_module_says_since_when_too(client: Client) -> None:
    page = parse(client.get("/en/modules/instagram").text)
    assert ending(page)[0][0] == "Deprecated since 1\xa0March 2026"
    assert ending(page)[1] == {"Social <posts>": "/en/modules/posts"}
    page = parse(client.get("/fr/modules/posts").text)
    assert ending(page) == (
        [
            "En fin de vie depuis le 1er\xa0mars 2026",
            "Trop peu utilisé.",
            "Retrait possible après le 24\xa0décembre 2026.",
        ],
        {},
    )
    assert parse(client.get("/en/modules/maps").text).all(class_="ending") == []


def test_the_roadmap_says_of_what_is_to_come_that_it_will_not(client: Client) -> None:
    row = parse(client.get("/en/roadmap").text).one("li", id="podcasts")
    said = ["Deprecated", "Too dear.", "It may be removed after 24\xa0December 2026. Use instead: Maps"]
    assert ending(row) == (said, {"Maps": "/en/modules/maps"})


def test_the_list_beside_the_graph_marks_the_modules_that_will_go(client: Client) -> None:
    listed = parse(client.get("/en/graph").text).one("div", class_="alone")
    marked = {row.one("a").text: len(row.all(class_="state-deprecated")) for row in listed.all("li")}
    assert marked == {"Instagram": 1, "Social <posts>": 1, "Maps": 0, "Plans": 1, "Podcasts": 1}


def test_who_votes_without_a_script_is_told_that_it_will_go(alice: Client) -> None:
    page = parse(alice.get("/en/modules/podcasts/vote").text).one("main")
    assert ending(page)[0][:2] == ["Deprecated", "Too dear."]
    assert ending(page)[1] == {"Maps": "/en/modules/maps"}


def test_a_plan_marks_the_modules_that_will_go(client: Client) -> None:
    plan = parse(client.get("/en/pipelines?modules=maps,plans").text).one(id="plan")
    steps = {step.one(class_="step-name").text: step for step in plan.all("li", class_="step-module")}
    assert {name: len(step.all(class_="state-deprecated")) for name, step in steps.items()} == {"Maps": 0, "Plans": 1}


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_of_a_former_slug_leads_to_that_of_the_module_for_good(client: Client, method: str, lang: str) -> None:
    response = client.open(f"/{lang}/modules/feeds", method=method, headers={"If-None-Match": "*"})
    assert (response.status_code, response.headers["Location"]) == (308, f"/{lang}/modules/posts")
    assert response.headers["Cache-Control"] == client.get("/en/modules/posts").headers["Cache-Control"]


def test_the_page_of_a_former_slug_stays_below_the_public_address(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url="https://registry.example.com/tools").test_client()
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
            "À\N{NO-BREAK SPACE}utiliser à la place\N{NO-BREAK SPACE}: Publications <sociales>",
        ),
    ],
)
def test_a_removed_module_has_a_page_that_says_so(
    client: Client, lang: str, reason: str, gone: str, instead: str
) -> None:
    for headers in ({}, {"If-None-Match": "*"}):  # made at the first request, and kept
        response = client.get(f"/{lang}/modules/vine", headers=headers)
        assert response.status_code == 410
        assert response.headers["Cache-Control"].startswith("public, max-age=")
        page = parse(response.text).one("main")
        assert [page.one(class_="lead").text, page.one("code").text] == [reason, "vine"]
        assert gone in page.text
        links = {link.text: link.attributes["href"] for link in page.all("a")}
        assert links[instead] == f"/{lang}/modules/posts"
    head = client.head(f"/{lang}/modules/vine")
    assert (head.status_code, head.data) == (410, b"")
    assert "posts" not in parse(client.get(f"/{lang}/modules/orkut").text).one("main").text
