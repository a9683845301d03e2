"""The registry as values: frozen, and only what the file declares. Buckets and the allow-list are derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Label:
    """A module's display name in the platform's two languages."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One entry of registry.yaml; the fields of the product documentation, in its order, then the registry's own."""

    slug: str
    category: str
    label: Label
    needs: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    pipelinable: bool = False
    is_on_demand: bool = False
    coming_soon: bool = False
    alpha_unavailable: bool = False
    api_endpoint: str | None = None
    is_meta: bool = False
    multi_proxy: bool = False
    feature_page: str | None = None
    formerly: tuple[str, ...] = ()

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Module:
        """A module from a valid entry; absent fields take their defaults."""
        lists = {name: tuple(entry[name]) for name in ("needs", "produces", "formerly") if name in entry}
        return cls(**{**entry, **lists, "label": Label(**entry["label"])})

    @property
    def is_active(self) -> bool:
        """Plain active: in none of the other four states."""
        return not (self.is_on_demand or self.coming_soon or self.alpha_unavailable or self.is_meta)


@dataclass(frozen=True)
class Registry:
    """Every module, in the file's order, and the legacy feature ids that may still be voted for."""

    modules: tuple[Module, ...]
    legacy_features: tuple[str, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Registry:
        """A registry from a document that has been found valid."""
        modules = tuple(Module.from_entry(entry) for entry in document["modules"])
        return cls(modules, tuple(document.get("legacy_features", ())))

    @cached_property
    def by_slug(self) -> dict[str, Module]:
        return {module.slug: module for module in self.modules}

    @cached_property
    def buckets(self) -> dict[str, list[str]]:
        """The public buckets, each sorted, in the documented order.

        multi_proxy and parallel partition active; an alpha_unavailable module is in neither.
        """
        tests: dict[str, Callable[[Module], bool]] = {
            "active": lambda module: module.is_active,
            "multi_proxy": lambda module: module.is_active and module.multi_proxy,
            "parallel": lambda module: module.is_active and not module.multi_proxy,
            "on_demand": lambda module: module.is_on_demand,
            "meta": lambda module: module.is_meta,
            "coming_soon": lambda module: module.coming_soon,
            "alpha_unavailable": lambda module: module.alpha_unavailable,
        }
        return {name: sorted(m.slug for m in self.modules if test(m)) for name, test in tests.items()}

    @cached_property
    def feature_pages(self) -> dict[str, str | None]:
        """The sales page of each active module, or None where none is written yet."""
        return {slug: self.by_slug[slug].feature_page for slug in self.buckets["active"]}

    @cached_property
    def allowed_features(self) -> tuple[str, ...]:
        """The vote allow-list: coming-soon slugs and legacy ids, sorted."""
        return tuple(sorted({*self.buckets["coming_soon"], *self.legacy_features}))

    @cached_property
    def feature_renames(self) -> dict[str, str]:
        """Former id -> current id, for the features that may be voted for."""
        allowed = set(self.allowed_features)
        return {old: module.slug for module in self.modules if module.slug in allowed for old in module.formerly}

    def former(self, feature_id: str) -> tuple[str, ...]:
        """The former ids of a feature."""
        module = self.by_slug.get(feature_id)
        return module.formerly if module else ()

    @cached_property
    def frozen_endpoints(self) -> dict[str, Module]:
        """The endpoints that answer 503 during the alpha, and whose they are."""
        return {m.api_endpoint: m for m in self.modules if m.alpha_unavailable and m.api_endpoint}
