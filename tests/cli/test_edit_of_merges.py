"""Edits of entries that others repeat by anchors, aliases and merges: done where nothing else changes, else refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_edit_commands import edit

MERGED = """modules:
  - &soon
    slug: crm
    category: tools
    label: &label { fr: CRM, en: CRM }
    coming_soon: &yes true
    stage: planned
  - <<: *soon
    slug: deals
  - slug: scrap
    category: sources
    label: *label
    api_endpoint: &path /api/scrap
    pipelinable: *yes
    owner: &owner scrap
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(MERGED)
    return file


REFUSED = [
    ("release deals --endpoint /api/deals", "coming_soon and stage of deals is written with anchors"),
    ("release crm --endpoint /api/crm", "the alias *yes has no anchor"),
    ("remove crm --because-fr A --because-en B", "the alias *soon has no anchor"),
    ("rename crm customers", "deals would get its formerly by &soon, which << merges: write formerly: []"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_an_entry_that_others_repeat_is_not_edited(file: Path, arguments: str, words: str) -> None:
    assert words in edit(file, *arguments.split(), code=1)
    assert file.read_text() == MERGED


@pytest.mark.parametrize("merge", ["<<: *soon", "<<: [*soon]", "? <<\n    : *soon"])
def test_an_entry_that_others_merge_is_renamed_once_they_have_a_formerly(file: Path, merge: str) -> None:
    text = MERGED.replace("<<: *soon", merge)
    file.write_text(text)
    assert "deals would get its formerly by &soon" in edit(file, "rename", "crm", "customers", code=1)
    text = text.replace("slug: deals", "slug: deals\n    formerly: []")
    file.write_text(text)
    edit(file, "rename", "crm", "customers")
    text = text.replace("slug: crm", "slug: customers").replace("&yes true", "&yes true\n    formerly: [crm]")
    assert file.read_text() == text


def test_an_alias_that_would_mean_something_else_is_noticed(file: Path) -> None:
    text = MERGED.replace("slug: scrap", "slug: &slug scrap").replace("owner: &owner scrap", "owner: *slug")
    file.write_text(text)
    refused = edit(file, "rename", "scrap", "scraper", code=1)
    assert "scrap cannot be renamed to scraper is written with anchors" in refused
    assert file.read_text() == text
    assert edit(file, "rename", "deals", "contracts").startswith("registry.yaml: deals is called contracts")
    assert file.read_text() == text.replace("slug: deals", "slug: contracts\n    formerly: [deals]")
