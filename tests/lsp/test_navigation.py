"""Names in a file: where they lead, and what a rename makes of the file."""

from pathlib import Path

import pytest
import yaml
from editor import CURSOR, opened
from registry.checking import VALID, replaced

from service.lsp.document import Document
from service.lsp.server import diagnostics
from service.problems import EditRefused
from service.registry.lint.nodes import applied
from service.registry.loading import parse

REFUSED = Path(__file__).with_name("renames.yaml").read_text("utf-8")
ENTRY = "category: tools, label: { fr: A, en: B }, coming_soon: true"


def renamed(marked: str, new: str) -> str:
    document, offset = opened(marked)
    return applied(document.text, document.renamed(offset, new))


@pytest.mark.parametrize("said", ["slug: scrap", "slug: pagespeed", "produces: [leads"])
def test_every_name_of_a_file_can_get_another_and_the_file_stays_valid(said: str) -> None:
    name = said.split()[1].strip("[")
    text = renamed(replaced(VALID, said, f"{said}{CURSOR}"), "quite_another")
    after = parse(text.encode(), "registry.yaml")
    if "slug" in said:
        assert name in after.by_slug["quite_another"].formerly and name not in after.by_slug
        assert (name == "pagespeed") == ("quite_another" in after.legacy_features)
        assert name not in after.legacy_features
        assert text.count("\n") == VALID.count("\n") + 1
    else:
        assert name not in {item for module in after.modules for item in (*module.needs, *module.produces)}


@pytest.mark.parametrize(("marked", "new", "words"), yaml.safe_load(REFUSED))
def test_what_cannot_be_renamed_says_why(marked: str, new: str, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        renamed(marked.replace("ENTRY", ENTRY), new)


def test_an_artifact_leads_to_those_who_produce_it_and_a_slug_to_its_module() -> None:
    text = "modules:\n  - { slug: a, produces: [x, y] }\n  - { slug: b, needs: [x], formerly: [c] }\n"
    text += "  - { slug: d, deprecated: { use: c } }\nremoved: [{ slug: e, use: a }]\n"

    def lead(after: str, skip: int = 0) -> list[str]:
        offset = text.index(after) + len(after) + skip
        document = Document("registry.yaml", text, "utf-16")
        return [text[: mention.end].rpartition("\n")[2].strip() for mention in document.definitions(offset)]

    assert lead("needs: [") == ["- { slug: a, produces: [x"]
    assert lead("use: ") == ["- { slug: b, needs: [x], formerly: [c"]  # `use: c`, by its former slug
    assert lead("slug: e, use: ") == ["- { slug: a"]
    assert lead("formerly: [") == ["- { slug: b, needs: [x], formerly: [c"]
    assert lead("need") == []


def test_a_value_with_an_escape_is_left_alone() -> None:
    document, offset = opened('modules:\n  - slug: "\\x61¦b"\n')
    assert document.mention_at(offset) is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_shifts_nothing(mark: str) -> None:
    document = Document("registry.yaml", f"{mark}{VALID}", "utf-16")
    slug, *_ = document.renamed(VALID.index("scrap"), "it")
    assert document.text[slug.start : slug.end] == "scrap"
    text = replaced(VALID, "category: sources", "category: source")
    document = Document("registry.yaml", f"{mark}{text}", "utf-16")
    (problem,) = diagnostics(document)
    start, end = (document.offset(place) for place in (problem.range.start, problem.range.end))
    assert document.text[start:end] == "source"
    assert [*map(document.place, (start, end))] == [(text[:start].count("\n"), 14), (text[:start].count("\n"), 20)]
    first = Document("registry.yaml", f"{mark}mdules: []\n", "utf-16")
    assert str(diagnostics(first)[0].range) == f"0:{len(mark)}-0:{len(mark) + 6}"


def test_what_an_alias_or_a_merge_repeats_is_changed_once() -> None:
    entries = "  - { slug: a, produces: &x [y¦] }\n  - &m { slug: b, needs: *x }\n  - { <<: *m, slug: c }\n"
    assert renamed(f"modules:\n{entries}", "zed") == f"modules:\n{entries}".replace("[y¦]", "[zed]")
