"""The registry as values: of an entry, of the api, however lines end, and of modules that are frozen."""

import json
from dataclasses import asdict
from pathlib import Path

from checking import VALID
from graphs import REGISTRY
from support import REPOSITORY

from service.registry.loading.loader import load, parse
from service.registry.model import Label, Module, Registry
from service.registry.schema import inlined, is_valid


def positive(name: str) -> Registry:
    return load(Path(__file__).parent / "positive" / f"{name}.yaml")


def test_an_entry_of_the_api_is_an_entry_of_the_file() -> None:
    for module in (*REGISTRY.modules, *load(REPOSITORY / "registry.yaml").modules):
        entry = json.loads(json.dumps(asdict(module)))
        assert is_valid(inlined()["properties"]["modules"]["items"], entry)
        assert Module.from_entry(entry) == module


def test_line_endings_a_byte_order_mark_and_markers_change_nothing_and_defaults_are_filled_in() -> None:
    given = {"slug": "scrap", "category": "sources", "produces": ("leads",), "api_endpoint": "/api/scrap"}
    for name in ("crlf", "byte_order_mark", "document_markers"):
        assert positive(name).modules == (Module(label=Label("Scraper", "Scraper"), **given),), name
    assert parse(VALID.replace("\n", "\r\n").encode(), "x") == REGISTRY


def test_a_frozen_module_is_in_neither_pool_whatever_its_multi_proxy_says() -> None:
    registry = positive("frozen_with_multi_proxy")
    assert registry.by_slug["finance"].multi_proxy
    assert registry.buckets["multi_proxy"] == registry.buckets["active"] == ["scrap"]
    assert registry.buckets["parallel"] == []
    assert registry.buckets["alpha_unavailable"] == ["finance"]
    assert registry.frozen_endpoints == {"/api/finance": registry.by_slug["finance"]}
