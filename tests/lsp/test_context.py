"""Where the cursor stands in what is being typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from editor import CURSOR

from service.lsp.completion import MARK, Context, context
from service.registry.lint.nodes import fields

BEFORE = "modules:\n  - slug: a\n    category: tools\n    label: { fr: A, en: B }\n    needs: [leads]\n\n"
PLACES = yaml.safe_load(Path(__file__).with_name("context.yaml").read_text("utf-8"))


def at(marked: str) -> Context | None:
    before, _, after = marked.partition(CURSOR)
    return context(before + after, len(before))


def given(place: Context) -> dict[str, str]:
    """The other fields around, with the text of those that are scalars."""
    return {name: node.text for name, node in fields(place.around).items() if MARK not in name}


@pytest.mark.parametrize("row", PLACES, ids=lambda row: row["text"])
def test_it_is_found_in_block_and_in_flow_style_or_nowhere(row: dict[str, Any]) -> None:
    place = at((BEFORE if "after" in row else "") + row["text"])
    if "path" in row:
        assert place is not None
        assert (list(place.path), place.is_key) == (row["path"], row.get("is_key", False))
    else:
        assert place is None


def test_the_fields_around_are_known_those_below_as_well_and_no_mistake_elsewhere_matters() -> None:
    place = at(BEFORE + '    x: [ { "\n  - slug: q\n    ¦\n')
    assert place is not None and place.path == ("modules", 0) and given(place) == {"slug": "q"}
    block = at(BEFORE + "  - slug: b\n    ¦\n    label:\n      fr: x\n    # why\n    needs: []\n  - owner: x\n")
    flow = at(BEFORE + "  - { slug: b, ¦ , label: { fr: x } }\n    owner: x\n")
    assert block and [*given(block)] == ["slug", "label", "needs"]
    assert flow and given(flow) == {"slug": "b", "label": ""}


def test_an_entry_of_megabytes_is_not_read() -> None:
    """Which would take minutes."""
    assert at(f"{BEFORE}  - slug: b\n    needs: {'[' * 4_000_000}{CURSOR}") is None
