"""Where the cursor stands in what is being typed."""

from __future__ import annotations

import time

import pytest
from editor import CURSOR

from service.lsp.context import Context, context

BEFORE = "modules:\n  - slug: a\n    category: tools\n    label: { fr: A, en: B }\n    needs: [leads]\n\n"
ENTRY = ("modules", 0)


def at(marked: str) -> Context | None:
    before, _, after = marked.partition(CURSOR)
    return context(before + after, len(before))


@pytest.mark.parametrize(
    ("marked", "path", "is_key"),
    [
        ("¦", (), False),
        ("mod¦", (), False),
        (BEFORE + "leg¦", (), True),
        ("modules:\n  ¦", ("modules",), False),
        ("modules:\n  - ¦", ENTRY, False),
        ("modules:\n  - sl¦", ENTRY, False),
        ("modules:\n- slug: a\n- ¦\n", ("modules", 1), False),
        (BEFORE + "  - slug: b\n    ca¦", ENTRY, True),
        (BEFORE + "  - slug: b\n    ca¦tegory: tools", ENTRY, True),
        (BEFORE + "  - { slug: b, cat¦ }", ENTRY, True),
        ("modules: [{slug: a, ¦}]", ENTRY, True),
        (BEFORE + "  - slug: b\n    category: ¦", (*ENTRY, "category"), False),
        (BEFORE + "  - slug: b\n    category: to¦ols", (*ENTRY, "category"), False),
        (BEFORE + "  - { slug: b, category: ¦}", (*ENTRY, "category"), False),
        (BEFORE + "  - slug: b\n    needs: [le¦", (*ENTRY, "needs", 0), False),
        (BEFORE + "  - slug: b\n    needs: [leads, ¦]", (*ENTRY, "needs", 1), False),
        (BEFORE + "  - slug: b\n    needs:\n      - ¦", (*ENTRY, "needs", 0), False),
        (BEFORE + "  - slug: b\n    needs:\n    - le¦", (*ENTRY, "needs", 0), False),
        (BEFORE + "  - slug: b\n    label: { fr: A, e¦ }", (*ENTRY, "label"), True),
        (BEFORE + "  - slug: b\n    label:\n      f¦\n", (*ENTRY, "label"), False),
        (BEFORE + "  - slug: b\n    label:\n      fr: x\n      ¦\n", (*ENTRY, "label"), True),
        (BEFORE + "  - slug: b\n    deprecated:\n      use: ¦\n", (*ENTRY, "deprecated", "use"), False),
        (BEFORE + "  - slug: b\n    deprecated: { since: 2026-01-01, use: ¦", (*ENTRY, "deprecated", "use"), False),
        (BEFORE + "legacy_features: [co¦", ("legacy_features", 0), False),
        (BEFORE + "removed:\n  - slug: x\n    use: ¦", ("removed", 0, "use"), False),
    ],
)
def test_it_is_found_in_block_and_in_flow_style(marked: str, path: tuple[str | int, ...], is_key: bool) -> None:
    found = at(marked)
    assert found is not None
    assert (found.path, found.is_key) == (path, is_key)


def test_a_mistake_in_another_entry_does_not_matter() -> None:
    found = at(BEFORE + '    x: [ { "\n  - slug: q\n    ¦\n')
    assert found is not None and found.path == ENTRY and found.given == {"slug": "q"}


def test_the_fields_around_are_known_those_below_as_well() -> None:
    block = at(BEFORE + "  - slug: b\n    ¦\n    label:\n      fr: x\n    # why\n    needs: []\n  - owner: x\n")
    flow = at(BEFORE + "  - { slug: b, ¦ , label: { fr: x } }\n    owner: x\n")
    assert block and block.given == {"slug": "b", "label": "", "needs": ""}
    assert flow and flow.given["slug"] == "b" and "label" in flow.given and "owner" not in flow.given


@pytest.mark.parametrize(
    "marked",
    [
        BEFORE + "  # of ¦",
        BEFORE + '  - slug: b\n    label: { fr: "x¦',
        BEFORE + "  - slug: b\n    label: |\n      x\n      y¦",
        BEFORE + "  - slug: b\n    category: tools\n      an¦",
        "a: b: ¦",
    ],
)
def test_comments_open_quotes_text_of_several_lines_and_what_is_no_yaml_have_nothing(marked: str) -> None:
    assert at(marked) is None


def test_an_entry_of_megabytes_is_not_read() -> None:
    large = BEFORE + "  - slug: b\n    needs: " + "[" * 4_000_000 + CURSOR
    began = time.process_time()
    assert at(large) is None
    whole = time.process_time() - began
    began = time.process_time()
    for _ in range(100):
        at(BEFORE + "  - slug: b\n    ¦")
    assert whole < 10 * (time.process_time() - began)  # minutes, if it were
