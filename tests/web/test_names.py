"""Names that never die: what clients are told of modules that will go, have another slug, or are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from contract import Client
from flask import Flask

#: The end of modules is no concern of the documents that this leaves as they are.
PLAIN = """
modules:
  - slug: instagram
    category: sources
    label: { fr: Instagram, en: Instagram }
    api_endpoint: /api/instagram
  - slug: posts
    category: sources
    label: { fr: Publications, en: Posts }
    coming_soon: true
"""
REASON = {"fr": "Un module lit tous les réseaux.", "en": "One module reads all networks."}
DEPRECATED = """\
    deprecated: { since: 2026-03-01, removed_after: 2026-09-01, use: posts, because: &reason {
      fr: "Un module lit tous les réseaux.", en: One module reads all networks. } }
"""
REMOVED = """
removed:
  - { slug: vine, date: "2026-02-01", use: posts, because: *reason }
  - { slug: orkut, date: 2026-02-02, because: *reason }
"""
REGISTRY = PLAIN.replace("/api/instagram\n", f"/api/instagram\n{DEPRECATED}") + REMOVED


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    return file


def test_entries_say_which_modules_will_go_and_the_list_which_are_gone(client: Client) -> None:
    listed = client.get("/api/modules").json
    assert listed is not None
    end = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": "posts", "because": REASON}
    assert [entry["deprecated"] for entry in listed["modules"]] == [end, None]
    assert listed["removed"] == [
        {"slug": "vine", "date": "2026-02-01", "use": "posts", "because": REASON},
        {"slug": "orkut", "date": "2026-02-02", "use": None, "because": REASON},
    ]


def test_the_buckets_are_the_same_bytes_whatever_will_go_or_is_gone(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    plain = tmp_path / "plain.yaml"
    plain.write_text(PLAIN, encoding="utf-8")
    path = "/api/modules-registry"
    assert make_app().test_client().get(path).data == make_app(registry_file=plain).test_client().get(path).data
