"""What no walk shows of the page on which a pipeline is put together: who is offered, and very many."""

from collections.abc import Callable

import pytest
from application import signed_out
from flask import Flask
from markup import public
from support import DOCUMENTED

from service.registry.loading.loader import load
from service.registry.plan import can_run
from service.web.languages import LANGUAGES

REGISTRY = load(DOCUMENTED)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_module_that_can_run_is_offered_under_its_category(documented: Flask, lang: str) -> None:
    form = public(signed_out(documented), f"/{lang}/pipelines").one("form#picks")
    labels = {label.one("input")["value"]: label.text for label in form.all("label")}
    assert labels == {each.slug: getattr(each.label, lang) for each in REGISTRY.modules if can_run(each)}
    assert all(box["name"] == "modules" for box in form.all("input"))
    assert len(form.all("details")) == len({each.category for each in REGISTRY.modules if can_run(each)})


def test_of_very_many_modules_each_has_its_box_in_a_category_that_is_opened(
    with_registry: Callable[..., Flask],
) -> None:
    entry = "  - {{slug: m{0}, category: {1}, label: {{fr: F, en: E}}, api_endpoint: /api/m{0}, pipelinable: true}}\n"
    entries = (entry.format(number, ("tools", "sources")[number % 2]) for number in range(1_000))
    page = public(signed_out(with_registry("modules:\n" + "".join(entries))), "/en/pipelines?modules=m4,%20m2")
    form = page.one("form#picks")
    assert len(form.all("input")) == 1_000
    assert [box["value"] for box in form.all("input") if "checked" in box.attributes] == ["m2", "m4"]
    assert {each["id"]: "open" in each.attributes for each in form.all("details")} == {"sources": False, "tools": True}
    assert [link["href"] for link in page.all(".no-js .chip")] == ["#sources", "#tools"]
    assert [link["href"] for link in page.all(".step a")] == ["/en/modules/m2", "/en/modules/m4"]
