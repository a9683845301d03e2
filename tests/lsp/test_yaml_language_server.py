"""The JSON Schema in the editors that have nothing else: what the real yaml-language-server completes and says."""

import os
import shutil
from collections.abc import Iterator

import pytest
from editor import CURSOR, PATIENCE, Editor, editor
from lsprotocol import types
from support import REPOSITORY, table, wait_until

#: .ci/run installs it, and names it here.
SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")

MISSING = "no yaml-language-server: install npm's package, and name it in YAML_LANGUAGE_SERVER"
pytestmark = [pytest.mark.long, pytest.mark.skipif(SERVER is None, reason=MISSING)]

BEFORE = "modules:\n  - slug: a\n    category: tools\n    label: { fr: A, en: B }\n    coming_soon: true\n\n"
KINDS = ["active module", "on-demand module", "coming-soon module", "frozen module", "meta module"]


@pytest.fixture(scope="module")
def session() -> Iterator[Editor]:
    schema = (REPOSITORY / "schemas" / "registry.schema.json").as_uri()
    settings = {"yaml": {"schemas": {schema: ["*.yaml"]}, "validate": True, "completion": True}}
    with editor(program=[SERVER, "--stdio"], settings=settings) as opened:
        opened.tell(opened.client.workspace_did_change_configuration, types.DidChangeConfigurationParams(settings))
        uri = opened.open("modules: 1\n")
        wait_until(lambda: opened.diagnostics.get(uri, [[]])[-1], PATIENCE)  # it has the schema by then
        yield opened


def offered(session: Editor, entry: str) -> dict[str, str]:
    """What may be written at the cursor: label and text."""
    suggested = session.complete(session.at(f"{BEFORE}{entry}"))
    return {item.label: item.text_edit.new_text if item.text_edit else str(item.insert_text) for item in suggested}


def test_a_new_entry_may_begin_as_each_kind_of_module(session: Editor) -> None:
    suggested = offered(session, f"  - {CURSOR}\n")
    assert list(suggested)[:5] == KINDS
    assert suggested["active module"] == (
        "slug: $1\n  category: ${2|sources,enrich,signals,outreach,tools|}\n"
        '  label:\n    fr: "$3"\n    en: "$4"\n  api_endpoint: /api/${1}'
    )
    assert "coming_soon: true\n  stage: ${5|considering,planned,building|}" in suggested["coming-soon module"]
    assert "is_on_demand: true" in suggested["on-demand module"] and "is_meta: true" in suggested["meta module"]
    assert "alpha_unavailable: true\n  api_endpoint: " in suggested["frozen module"]


@pytest.mark.parametrize("given", ["", "    coming_soon: true\n", "    is_meta: true\n", "    category: tools\n"])
def test_what_a_state_asks_for_or_forbids_is_no_suggestion(session: Editor, given: str) -> None:
    suggested = offered(session, f"  - slug: b\n{given}    {CURSOR}\n")
    assert suggested["api_endpoint"] == "api_endpoint: "  # it was ${1|api_endpoint,null|}
    assert "Module registry" not in suggested  # nor an entry of nothing but the endpoint
    assert {"needs", "owner"} <= suggested.keys() and not [text for text in suggested.values() if "false" in text]
    for name in ("label", "description"):
        assert suggested[name] == f"{name}:\n  fr: $1\n  en: $2"


def test_mistakes_are_told_in_words_that_say_how_to_mend_them(session: Editor) -> None:
    rows = table(__file__, "yaml_language_server.yaml")
    label = "label: { fr: A, en: B }"
    entries = [row["entry"] if "label" in row["entry"] else f"{row['entry']}, {label}" for row in rows]
    uri = session.open(BEFORE + "".join(f"  - {{ {entry} }}\n" for entry in entries))
    wait_until(lambda: len(session.diagnostics.get(uri, [[]])[-1]) > 10, PATIENCE)
    told = [(each.range.start.line - BEFORE.count("\n"), each.message) for each in session.problems(uri)]
    assert sorted(told) == [(line, said) for line, row in enumerate(rows) for said in row["told"]]
    _, _, text = (REPOSITORY / "registry.yaml").read_text("utf-8").partition("\n")  # which names the schema, from there
    assert session.problems(session.open(text)) == []
