"""What is found of slugs in source, by patterns; of which references.yaml has a table."""

from typing import Any

import pytest
from support import table

from service.problems import InvalidField
from service.registry.edit.references import References
from service.registry.model import Deprecation, Label, Module, Registry, Removed

TABLE = table(__file__, "references.yaml")
BOTH = Label("F", "E")
ENDS = {"facebook": {"deprecated": Deprecation("2026-01-01", "2026-09-01", "socials", BOTH)}}
SLUGS = ("emails", "verify_emails", "filter", "sort", "facebook", "socials")
NAMES: dict[str, dict[str, Any]] = {"emails": {"formerly": ("email_search",)}, **ENDS}
REGISTRY = Registry(
    tuple(Module(slug=slug, category="tools", label=BOTH, **NAMES.get(slug, {})) for slug in SLUGS),
    ("legacy_filter",),
    (Removed("instagram", "2026-02-01", "socials", BOTH), Removed("insta", "2026-02-01", None, BOTH)),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_what_stands_where_a_pattern_says_so_is_looked_up(row: dict[str, Any]) -> None:
    found = References(REGISTRY, row["patterns"]).find(row["text"].encode(), "a.ts")
    assert [f"{each.line}:{each.column} {each.rule}: {each.hint}" for each in found] == row.get("found", [])
    assert all(each.file == "a.ts" for each in found)


def test_former_slugs_are_replaced_and_nothing_else() -> None:
    text = b"\xef\xbb\xbf\xff /modules/email_search\r\n/modules/insta /modules/emials /modules/email_search"
    done = References(REGISTRY, ["/modules/{slug}"]).fixed(text)
    assert done == (text.replace(b"email_search", b"emails"), 2)
    assert References(REGISTRY, ["\udce9tat {slug}"]).fixed(b"\xe9tat email_search") == (b"\xe9tat emails", 1)


@pytest.mark.parametrize(
    "pattern", ["", "{slug}", '"{slug}"', "modules", "modules/{slug}/{slug}", f"{'m' * 200}{{slug}}"]
)
def test_a_pattern_that_would_take_any_word_for_a_slug_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidField, match="makes no sense"):
        References(REGISTRY, [pattern])
