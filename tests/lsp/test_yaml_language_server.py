"""The JSON Schema in the editors that have nothing else: what the real yaml-language-server completes and says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from editor import CURSOR, PATIENCE, Editor, editor
from lsprotocol import types
from support import REPOSITORY, wait_until

#: .ci/run installs it, and names it here.
SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        SERVER is None, reason="no yaml-language-server: install npm's package, and name it in YAML_LANGUAGE_SERVER"
    ),
]

BEFORE = "modules:\n  - slug: a\n    category: tools\n    label: { fr: A, en: B }\n    coming_soon: true\n\n"
KINDS = ["active module", "on-demand module", "coming-soon module", "frozen module", "meta module"]


@pytest.fixture(scope="module")
def session() -> Iterator[Editor]:
    assert SERVER
    schema = (REPOSITORY / "schemas" / "registry.schema.json").as_uri()
    settings = {"yaml": {"schemas": {schema: ["*.yaml"]}, "validate": True, "completion": True}}
    with editor(program=[SERVER, "--stdio"], settings=settings) as opened:
        opened.tell(opened.client.workspace_did_change_configuration, types.DidChangeConfigurationParams(settings))
        uri = opened.open("modules: 1\n")
        wait_until(lambda: opened.diagnostics.get(uri, [[]])[-1], PATIENCE)  # it has the schema by then
        yield opened


def offered(session: Editor, entry: str) -> dict[str, str]:
    """What may be written at the cursor: label and text."""
    found = session.complete(f"{BEFORE}{entry}")
    return {item.label: item.text_edit.new_text if item.text_edit else str(item.insert_text) for item in found}


def test_a_new_entry_may_begin_as_each_kind_of_module(session: Editor) -> None:
    found = offered(session, f"  - {CURSOR}\n")
    assert list(found)[:5] == KINDS
    assert found["active module"] == (
        "slug: $1\n  category: ${2|sources,enrich,signals,outreach,tools|}\n"
        '  label:\n    fr: "$3"\n    en: "$4"\n  api_endpoint: /api/${1}'
    )
    assert "coming_soon: true\n  stage: ${5|considering,planned,building|}" in found["coming-soon module"]
    assert "is_on_demand: true" in found["on-demand module"] and "is_meta: true" in found["meta module"]
    assert "alpha_unavailable: true\n  api_endpoint: " in found["frozen module"]


@pytest.mark.parametrize("given", ["", "    coming_soon: true\n", "    is_meta: true\n", "    category: tools\n"])
def test_what_a_state_asks_for_or_forbids_is_no_suggestion(session: Editor, given: str) -> None:
    found = offered(session, f"  - slug: b\n{given}    {CURSOR}\n")
    assert found["api_endpoint"] == "api_endpoint: "  # it was ${1|api_endpoint,null|}
    assert "Module registry" not in found  # nor an entry of nothing but the endpoint
    assert {"needs", "owner", "description"} <= found.keys()
    assert not [text for text in found.values() if "false" in text]


def test_texts_in_two_languages_come_with_both(session: Editor) -> None:
    found = offered(session, f"  - slug: b\n    {CURSOR}\n")
    for name in ("label", "description"):
        assert found[name] == f"{name}:\n  fr: $1\n  en: $2"
    found = offered(session, f"  - slug: b\n    deprecated:\n      {CURSOR}\n")
    assert found["because"] == "because:\n  fr: $1\n  en: $2"


def test_every_category_and_stage_says_what_it_means(session: Editor) -> None:
    for field, number in (("category", 5), ("stage", 3)):
        found = session.complete(f"{BEFORE}  - slug: b\n    coming_soon: true\n    {field}: {CURSOR}")
        values = [item for item in found if item.label not in ("null", "Default value")]
        said = [one.documentation for one in values]
        assert len(values) == number and len({str(one) for one in said}) == number, field


def test_mistakes_are_told_in_words_that_say_how_to_mend_them(session: Editor) -> None:
    label = "label: { fr: A, en: B }"
    uri = session.open(
        f"{BEFORE}"
        f"  - {{ slug: b, category: tool, {label}, coming_soon: true }}\n"
        f"  - {{ slug: c, category: tools, {label}, coming_soon: true, api_endpoint: /api/c }}\n"
        f"  - {{ slug: D, category: tools, {label}, api_endpoint: d }}\n"
        f"  - {{ slug: e, category: tools, {label} }}\n"
        f"  - {{ slug: f, category: tools, {label}, coming_soon: true, is_meta: true, multi_proxy: true }}\n"
        f"  - {{ slug: g, category: tools, {label}, stage: planned, is_meta: true }}\n"
        f"  - {{ slug: h, category: tools, label: {{ fr: '', en: B }}, coming_soon: true, stage: soon }}\n"
    )
    wait_until(lambda: len(session.diagnostics.get(uri, [[]])[-1]) > 10, PATIENCE)
    found = [(one.range.start.line - 5, one.message) for one in session.problems(uri)]
    assert sorted(found) == sorted(
        [
            (1, "use one of sources, enrich, signals, outreach, tools"),
            (2, "coming_soon is true, so there is no api_endpoint: remove one of the two"),
            (3, "use lowercase letters, digits and _, beginning with a letter, at most 64 characters"),
            (3, "write /api/ and then segments of letters, digits, - and _, such as /api/scrap"),
            (
                4,
                "an active module needs an api_endpoint: write its path, such as /api/scrap, or say what else it is: "
                "is_on_demand, coming_soon or is_meta",
            ),
            (5, "coming_soon is true, and a module is at most one of them: remove one of the two"),
            (5, "is_meta is true, and a module is at most one of them: remove one of the two"),
            *(
                (
                    5,
                    f"{state} is true, and only active and alpha_unavailable modules share the VPN pool: "
                    "remove one of the two",
                )
                for state in ("coming_soon", "is_meta")
            ),
            (6, "only coming-soon modules have a stage: add coming_soon: true, or remove stage"),
            (7, "write the name people will see"),
            (7, "use one of considering, planned, building"),
        ]
    )


def test_the_shipped_file_has_no_problems(session: Editor) -> None:
    _, _, text = (REPOSITORY / "registry.yaml").read_text("utf-8").partition("\n")  # which names the schema, from there
    assert session.problems(session.open(text)) == []
