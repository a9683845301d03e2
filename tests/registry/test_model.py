"""The registry as values: buckets, feature pages and the allow-list are derived from the entries."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from checking import VALID
from graphs import REGISTRY
from support import REPOSITORY

from service.registry.loading import load, parse
from service.registry.model import Label, Module, ModuleState, Registry
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


@pytest.mark.parametrize(("bucket", "flag"), [state.value for state in ModuleState])
def test_a_module_is_in_the_state_and_the_bucket_that_it_declares(bucket: str, flag: str | None) -> None:
    fields = {flag: True} if flag else {}
    module = Module(slug="scrap", category="sources", label=Label("F", "E"), **fields)
    assert module.state.bucket == bucket
    buckets = Registry((module,)).buckets
    assert [name for name, slugs in buckets.items() if slugs] == [bucket, *(["parallel"] if not fields else [])]


def test_buckets_allow_list_and_feature_pages_are_derived_in_the_documented_order() -> None:
    registry, buckets = REGISTRY, REGISTRY.buckets
    assert ", ".join(buckets) == "active, multi_proxy, parallel, on_demand, meta, coming_soon, alpha_unavailable"
    states = [buckets[state.bucket] for state in ModuleState]
    assert sorted(slug for state in states for slug in state) == sorted(module.slug for module in registry.modules)
    assert all(states) and all(bucket == sorted(bucket) for bucket in buckets.values())
    assert sorted(buckets["multi_proxy"] + buckets["parallel"]) == buckets["active"]
    assert list(registry.allowed_features) == sorted({*buckets["coming_soon"], *registry.legacy_features})
    assert "pagespeed" in registry.allowed_features and "pagespeed" in buckets["active"]
    assert list(registry.feature_pages) == buckets["active"]
    assert registry.feature_pages["sort"] is None
    assert registry.feature_pages["emails"] == "email-finder-pro-rgpd-france"
    registry = positive("meta_with_and_without_endpoint")
    assert registry.buckets["meta"] == ["pipeline", "veille"]
    assert [m.api_endpoint for m in registry.modules] == ["/api/pipeline", None]


def test_a_frozen_module_is_in_neither_pool_whatever_its_multi_proxy_says() -> None:
    registry = positive("frozen_with_multi_proxy")
    assert registry.by_slug["finance"].multi_proxy
    assert registry.buckets["multi_proxy"] == registry.buckets["active"] == ["scrap"]
    assert registry.buckets["parallel"] == []
    assert registry.buckets["alpha_unavailable"] == ["finance"]
    assert registry.frozen_endpoints == {"/api/finance": registry.by_slug["finance"]}


def test_merge_keys_and_aliases() -> None:
    registry = positive("anchors_aliases_and_merge_keys")
    assert [m.slug for m in registry.modules] == ["scrap", "import", "emails", "sort"]
    imported, sort = registry.by_slug["import"], registry.by_slug["sort"]
    assert (imported.api_endpoint, imported.category, imported.pipelinable) == ("/api/import", "sources", True)
    assert (sort.category, sort.produces) == ("tools", ("leads",))  # the first of several merged mappings wins
    assert registry.by_slug["emails"].needs == ("leads",)
