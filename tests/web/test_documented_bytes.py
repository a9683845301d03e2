"""The two answers of the product documentation, which never change by a byte, whatever else an entry may say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from application import REGISTRY as PLAIN
from application import signed_in
from flask import Flask
from redis import Redis
from support import OPERATOR

from service.accounts import store
from service.accounts.store import Account
from service.registry.schema import module_fields

MODULES_REGISTRY = (
    '{"active":["import","scrap"],"multi_proxy":["scrap"],"parallel":["import"],"on_demand":["sms_campaign"],'
    '"meta":["pipeline"],"coming_soon":["hiring","linkedin"],"alpha_unavailable":["finance"],'
    '"feature_pages":{"import":null,"scrap":"scraper-google-maps"}}\n'
)
FEATURES = '{"voted":["linkedin"],"counts":{"company":0,"hiring":0,"linkedin":1,"scrap":0}}\n'


def _talkative() -> str:
    """The same modules, each with an example of every field that changes neither its state nor its names."""
    document: dict[str, Any] = yaml.safe_load(PLAIN)
    for entry in document["modules"]:
        for name in ("description", "keywords", "documentation", "owner", "stage", "deprecated"):
            if name != "stage" or "coming_soon" in entry:
                entry[name] = module_fields()[name]["examples"][0]
        entry["deprecated"] = entry["deprecated"] | {"use": None}
    removed = {"slug": "gone", "date": "2026-03-01", "because": {"fr": "Fermé.", "en": "Closed."}}
    return yaml.safe_dump(document | {"removed": [removed]}, allow_unicode=True)


@pytest.mark.parametrize("text", [PLAIN, _talkative()], ids=["as documented", "with all that may be said"])
def test_they_are_these_bytes(text: str, make_app: Callable[..., Flask], redis: Redis, tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(text, encoding="utf-8")
    store.add(redis, Account("alice", "active"), by=OPERATOR)
    alice = signed_in(make_app(registry_file=file), "alice")
    assert alice.post("/api/features/linkedin/interest").status_code == 204
    assert alice.get("/api/modules-registry").text == MODULES_REGISTRY
    assert alice.get("/api/features").text == FEATURES
