"""Where the cursor stands in what is being typed, and what is offered there, also at the edges."""

from typing import Any

import pytest
from editor import CURSOR, in_new_entry, opened
from registry.checking import VALID, replaced
from registry.costly import module, names
from support import table

from service.lsp.completion import Context, Suggestion, complete, context, hover
from service.lsp.document import Document
from service.registry.schema import module_fields

TABLE = table(__file__, "completion.yaml")
WHOLE = table(__file__, "offers.yaml")
#: Fields that are newer than the table. The table has an example of each kind of field.
UNLISTED = {name for name in module_fields() if name not in str(WHOLE)}


def at(marked: str) -> list[Suggestion]:
    document, offset = opened(marked)
    assert document.examined is not None  # as the server does once it is opened
    return complete(document, offset)[1]


def labels(marked: str) -> list[str]:
    return [each.label for each in at(marked)]


def test_what_is_typed_already_is_in_each_of_very_many_names_that_are_offered() -> None:
    text = "modules:\n" + module(0, f", produces: [{names(600, 'artifact_')}]") + "  - slug: x\n    needs: "
    assert len(labels(f"{text}[{CURSOR}]\n")) == 600
    assert labels(f"{text}[_59{CURSOR}]\n") == ["artifact_59", *(f"artifact_59{number}" for number in range(10))]


def test_a_field_that_has_its_colon_is_only_renamed() -> None:
    document, offset = opened(replaced(VALID, "    category: sources", f"    cat{CURSOR}: sources"))
    place, offered = complete(document, offset) or pytest.fail()
    assert [(each.label, each.insert) for each in offered] == [(name, name) for name in ("category", "deprecated")]
    assert document.text[place.start : place.end] == "cat"


def test_at_the_margin_the_sections_are_offered_that_are_not_there() -> None:
    assert labels(f"{CURSOR}\n{VALID}") == labels(f"{VALID}\nr{CURSOR}") == ["removed"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.get("typed", row.get("whole")))
def test_fields_and_values_are_those_that_the_file_and_the_schema_know_and_that_fit(row: dict[str, Any]) -> None:
    offered = {each.label: each for each in at(row.get("whole") or in_new_entry(row["typed"]))}
    assert {*row.get("offers", ())} <= offered.keys() and not {*row.get("never", ())} & offered.keys()
    assert [*offered] == row.get("only", [*offered])
    assert {label: offered[label].insert for label in row.get("writes", {})} == row.get("writes", {})
    assert {label: offered[label].detail for label in row.get("details", {})} == row.get("details", {})


@pytest.mark.parametrize("row", WHOLE["offers"], ids=lambda row: row["at"].strip())
def test_no_more_is_offered_than_the_table_has(row: dict[str, Any]) -> None:
    offered = at(f"{WHOLE['file']}{row['at']}\n")
    suggestions = [
        f"{suggestion.kind} {suggestion.label} | {suggestion.insert} | {suggestion.detail}".rstrip(" |")
        for suggestion in offered
        if suggestion.label not in UNLISTED
    ]
    assert suggestions == row["are"]


def test_texts_of_the_file_are_no_markdown() -> None:
    label = "[a](https://a.example) `<b>" + "x" * 300
    text = f"modules:\n  - slug: scrap\n    label: {{ fr: A, en: '{label}' }}\n"
    said = hover(Document("registry.yaml", text), text.index("scrap"))
    (line,) = [line for line in said.split("\n") if "a.example" in line]
    assert (
        line.startswith("label: `[a](https://a.example) '<b>xxx") and line.rstrip().endswith("...`") and len(line) < 220
    )


BEFORE = "modules:\n  - slug: a\n    category: tools\n    label: { fr: A, en: B }\n    needs: [leads]\n\n"
PLACES = table(__file__, "context.yaml")


def context_at(marked: str) -> Context | None:
    before, _, after = marked.partition(CURSOR)
    return context(before + after, len(before))


@pytest.mark.parametrize("row", PLACES, ids=lambda row: row["text"])
def test_it_is_found_in_block_and_in_flow_style_or_nowhere(row: dict[str, Any]) -> None:
    place = context_at((BEFORE if "after" in row else "") + row["text"])
    if "path" in row:
        assert place is not None
        assert (list(place.path), place.is_key) == (row["path"], row.get("is_key", False))
    else:
        assert place is None


def test_an_entry_of_megabytes_is_not_read() -> None:
    """Which would take minutes."""
    assert context_at(f"{BEFORE}  - slug: b\n    needs: {'[' * 4_000_000}{CURSOR}") is None
