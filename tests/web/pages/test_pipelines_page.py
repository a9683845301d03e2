"""The page on which a pipeline is put together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, Element, page_of, parse, public
from support import DOCUMENTED

from service.registry.loading import load
from service.registry.plan import can_run, plan
from service.web.pages.languages import LANGUAGES

REGISTRY = load(DOCUMENTED)


@pytest.fixture(scope="module")
def client(make_public_app: Callable[..., Flask]) -> Client:
    """Nobody, at a service with the modules of the documentation."""
    return signed_out(make_public_app(registry_file=DOCUMENTED))


def page(client: Client, query: str = "", lang: str = "en", status: int = 200) -> Element:
    return page_of(client.get(f"/{lang}/pipelines{query}", headers=BROWSER), status, kept=status == 200)


def checked(found: Element) -> set[str]:
    boxes = found.all("input", type="checkbox", name="modules")
    return {box["value"] for box in boxes if "checked" in box.attributes}


def slugs(element: Element) -> list[str]:
    links = (link["href"] for link in element.all("a"))
    return [link.rpartition("/")[2] for link in links if "/modules/" in link]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_module_that_can_run_is_offered_under_its_category(client: Client, lang: str) -> None:
    form = page(client, lang=lang).one("form", id="picks")
    assert (form["method"], form["action"]) == ("get", f"/{lang}/pipelines#plan")
    labels = {label.one("input")["value"]: label.text for label in form.all("label")}
    assert labels == {each.slug: getattr(each.label, lang) for each in REGISTRY.modules if can_run(each)}
    assert all(box["name"] == "modules" for box in form.all("input"))
    assert len(form.all("legend")) == len({each.category for each in REGISTRY.modules if can_run(each)})
    graph = public(client, f"/{lang}/graph").one("main")
    assert f"/{lang}/pipelines" in graph.links.values()
    assert checked(form) == set()
    nothing = page(client)
    assert nothing.part("#plan .empty p")[0].text == "Nothing is picked yet."
    assert [link["href"] for link in nothing.one("nav", id="menu").all("a", aria_current="true")] == ["/en/graph"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_shows_the_plan_of_what_the_form_sends(client: Client, lang: str) -> None:
    names = ["scrap", "filter", "emails", "socials", "verify_emails"]
    found = page(client, "?" + "&".join(f"modules={name}" for name in names), lang)
    expected = plan(REGISTRY, names)
    steps = found.one("ol", class_="steps").all("li", class_="step")
    assert [tuple(slugs(step)) for step in steps] == list(expected.parallel)
    queued = [slugs(each)[0] for each in found.all("li", class_="step-module") if each.all("span", class_="badge")]
    assert tuple(queued) == expected.queued
    assert checked(found) == set(names)


def test_what_is_missing_can_be_added_and_the_result_lacks_it_no_more(client: Client) -> None:
    found = page(client, "?modules=emails,filter").one("section", id="plan")
    [leads] = found.all("div", class_="note")
    assert leads.one("code").text == "leads"
    assert slugs(leads) == ["emails", "filter"]
    assert [link.text for link in leads.all("a", class_="button")] == ["Google Maps scraper", "File import"]
    added = parse(client.get(leads.links["File import"].partition("#")[0]).text)
    assert checked(added) == {"emails", "filter", "import"}
    assert added.all("div", class_="note") == []
    found = page(client, "?modules=finance,sms_campaign,veille,crm")  # of which none can be part of it
    assert checked(found) == {"finance", "sms_campaign", "veille", "crm"}
    assert [each.one("span", class_="state").text for each in found.all("li", class_="step-module")] == [
        *("Active, frozen during the alpha", "On demand", "Meta", "Coming soon"),
    ]
    assert found.all("ol", class_="steps") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_unknown_names_are_told_with_what_was_meant_and_the_rest_is_planned(client: Client, lang: str) -> None:
    found = page(client, "?modules=emials,%3Cb%3E,scrap", lang, 422)
    first, second = found.all("p", class_="bad")
    assert "emials" in first.text and "<b>" in second.text
    assert first.one("a")["href"] == f"/{lang}/pipelines?modules=scrap,emails#plan"
    assert second.all("a") == []
    assert checked(found) == {"scrap"}
    assert slugs(found.one("ol", class_="steps")) == ["scrap"]
    for query in (",".join(f"m{number}" for number in range(51)), "x" * 5_000):
        assert "A plan has at most 50" in page(client, f"?modules={query}", status=422).one("p", class_="bad").text


def test_each_query_has_its_own_answer_and_its_own_in_the_other_language(client: Client) -> None:
    found = page(client, "?modules=emails,scrap")
    assert {link["href"] for link in found.all("a", class_="language")} == {"/fr/pipelines?modules=scrap,emails"}
    assert found.one("link", rel="canonical")["href"] == "/en/pipelines", "the query is no page of its own"
    one, other = (client.get(f"/en/pipelines?modules={slug}", headers=BROWSER) for slug in ("scrap", "emails"))
    assert one.headers["ETag"] != other.headers["ETag"]
    again = client.get("/en/pipelines?modules=scrap", headers=BROWSER | {"If-None-Match": one.headers["ETag"]})
    assert again.status_code == 304


def test_of_very_many_modules_the_slugs_are_typed(with_registry: Callable[..., Flask]) -> None:
    entry = "  - {{slug: m{0}, category: tools, label: {{fr: F, en: E}}, api_endpoint: /api/m{0}, pipelinable: true}}\n"
    client = signed_out(with_registry("modules:\n" + "".join(map(entry.format, range(301)))))
    found = page(client, "?modules=m3,%20m1")
    assert found.one("form", id="picks").all("input") == []
    assert found.one("textarea").text == "m1, m3"
    assert slugs(found.one("ol", class_="steps")) == ["m1", "m3"]
