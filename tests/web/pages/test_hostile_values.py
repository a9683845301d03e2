"""Whatever the registry, accounts and messages say is text on every page, and is said as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from application import signed_in
from contract import Client
from flask import Flask
from markup import Element, parse
from redis import Redis

from service.accounts import store
from service.accounts.store import Account

NAME = "R&D d'\"<b>x</b>{name}{n}%(name)s%s"
TEXT = "</p></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'\" %(x)s"
ENTRY = ", ".join(
    f"{name}: {json.dumps(value)}"
    for name, value in {
        "label": {"fr": NAME, "en": NAME},
        "description": {"fr": TEXT, "en": TEXT},
        "keywords": [TEXT[:40]],
        "documentation": "/a?b=1&c='(d)",
    }.items()
)
REGISTRY = f"""
modules:
  - {{ slug: made, category: sources, {ENTRY}, produces: [leads], api_endpoint: /api/made }}
  - {{ slug: coming, category: signals, {ENTRY}, coming_soon: true, stage: planned }}
  - {{ slug: asked, category: outreach, {ENTRY}, needs: [leads], is_on_demand: true }}
"""


@pytest.fixture
def admin(make_app: Callable[..., Flask], redis: Redis, tmp_path: Path) -> Client:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    store.add(redis, Account("alice", "active", "admin", NAME))
    return signed_in(make_app(registry_file=file, platform_url="https://app.example.com"), "alice")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_values_are_text(admin: Client, lang: str) -> None:
    sent = {"module": "asked", "message": TEXT}
    thread = (admin.post("/api/feedback", json=sent).json or {})["id"]
    paths = [
        *("", "graph", "roadmap", "requests", "admin/", "admin/requests", f"requests/{thread}"),
        *(f"admin/requests/{thread}", "modules/made", "modules/coming", "modules/coming/vote", "modules/asked"),
    ]
    for path in paths:
        response = admin.get(f"/{lang}/{path}")
        assert response.status_code == 200, path
        page = parse(response.text)
        check(page)
        assert path in ("requests", "admin/") or any(NAME in said for said in texts(page)), path
        assert not re.search(r"&amp;(amp|lt|gt|#\d+);", response.text), f"{path} escapes twice"


def texts(page: Element) -> list[str]:
    """What elements and attributes say."""
    return [one.text for one in page] + [value for one in page for value in one.attributes.values()]


def check(page: Element) -> None:
    """Fail where a value has become part of the markup."""
    assert not page.all("img")
    for one in page:
        assert one.tag != "script" or one.attributes["src"].startswith("/assets/")
        assert not any(name.startswith("on") for name in one.attributes)
        assert not one.attributes.get("href", "").lower().startswith(("javascript:", "data:"))
        assert one.tag not in ("b", "svg") or one.text != "x"
