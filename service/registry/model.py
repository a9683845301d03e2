"""The registry as values: frozen, and only what the file declares. Buckets and the allow-list are derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import Any


class ModuleState(Enum):
    """What a module is, one of these at a time: the public bucket that lists it, and the field that declares it.

    A module that declares none is active. The order is that of the buckets in /api/modules-registry.
    """

    ACTIVE = "active", None
    ON_DEMAND = "on_demand", "is_on_demand"
    META = "meta", "is_meta"
    COMING_SOON = "coming_soon", "coming_soon"
    ALPHA_UNAVAILABLE = "alpha_unavailable", "alpha_unavailable"

    def __init__(self, bucket: str, flag: str | None) -> None:
        self.bucket = bucket
        self.flag = flag


@dataclass(frozen=True, slots=True)
class Label:
    """Text for people, such as a module's display name, in the platform's two languages."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That a module will go: days are ISO days, and `use` is the slug of the module to use instead, if there is one."""

    since: str
    removed_after: str
    use: str | None
    because: Label

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Deprecation:
        """What a valid entry says."""
        return cls(entry["since"], entry["removed_after"], entry.get("use"), Label(**entry["because"]))


@dataclass(frozen=True, slots=True)
class Removed:
    """A module that is gone: the slug that it had, the ISO day on which it went, and what to use instead."""

    slug: str
    date: str
    use: str | None
    because: Label

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Removed:
        """What a valid entry says."""
        return cls(entry["slug"], entry["date"], entry.get("use"), Label(**entry["because"]))


#: The fields that hold a Label.
TRANSLATED = ("label", "description")
#: The fields that hold a list.
_LISTS = ("needs", "produces", "formerly", "keywords")


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
    description: Label | None = None
    keywords: tuple[str, ...] = ()
    documentation: str | None = None
    owner: str | None = None
    stage: str | None = None
    deprecated: Deprecation | None = None

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Module:
        """A module from a valid entry; absent fields take their defaults."""
        lists = {name: tuple(entry[name]) for name in _LISTS if name in entry}
        labels = {name: Label(**entry[name]) for name in TRANSLATED if entry.get(name) is not None}
        end = entry.get("deprecated")
        deprecated = None if end is None else Deprecation.from_entry(end)
        return cls(**{**entry, **lists, **labels, "deprecated": deprecated})

    @property
    def state(self) -> ModuleState:
        """The state that the module declares."""
        declared = (state for state in ModuleState if state.flag in STATE_FLAGS and getattr(self, state.flag))
        return next(declared, ModuleState.ACTIVE)


#: The boolean fields that declare a state; at most one of them is true.
STATE_FLAGS = tuple(state.flag for state in ModuleState if state.flag in {field.name for field in fields(Module)})


@dataclass(frozen=True)
class Registry:
    """Every module in the file's order, the legacy feature ids that may still be voted for, and what is gone."""

    modules: tuple[Module, ...]
    legacy_features: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Registry:
        """A registry from a document that has been found valid."""
        modules = tuple(Module.from_entry(entry) for entry in document["modules"])
        removed = tuple(map(Removed.from_entry, document.get("removed", ())))
        return cls(modules, tuple(document.get("legacy_features", ())), removed)

    @cached_property
    def by_slug(self) -> dict[str, Module]:
        return {module.slug: module for module in self.modules}

    @cached_property
    def by_artifact(self) -> dict[str, dict[str, list[Module]]]:
        """The modules that have each artifact in `needs` and in `produces`, in the file's order."""
        having: dict[str, dict[str, list[Module]]] = {"needs": {}, "produces": {}}
        for module in self.modules:
            for field, by_name in having.items():
                for name in getattr(module, field):
                    by_name.setdefault(name, []).append(module)
        return having

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each module is in the file, by its slug."""
        return {slug: position for position, slug in enumerate(self.by_slug)}

    @cached_property
    def buckets(self) -> dict[str, list[str]]:
        """The public buckets, each sorted, in the documented order.

        multi_proxy and parallel partition active; an alpha_unavailable module is in neither.
        """
        by_state: dict[ModuleState, list[str]] = {state: [] for state in ModuleState}
        for slug, module in sorted(self.by_slug.items()):
            by_state[module.state].append(slug)
        active = by_state.pop(ModuleState.ACTIVE)
        return {
            "active": active,
            "multi_proxy": [slug for slug in active if self.by_slug[slug].multi_proxy],
            "parallel": [slug for slug in active if not self.by_slug[slug].multi_proxy],
            **{state.bucket: slugs for state, slugs in by_state.items()},
        }

    @cached_property
    def feature_pages(self) -> dict[str, str | None]:
        """The sales page of each active module, or None where none is written yet."""
        return {slug: self.by_slug[slug].feature_page for slug in self.buckets["active"]}

    @cached_property
    def allowed_features(self) -> tuple[str, ...]:
        """The vote allow-list: coming-soon slugs and legacy ids, sorted."""
        return tuple(sorted({*self.buckets["coming_soon"], *self.legacy_features}))

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Every id of each feature that may be voted for, then of each other module, the current one first."""
        of_features = {feature: (feature, *self.former(feature)) for feature in self.allowed_features}
        return of_features | {
            module.slug: (module.slug, *module.formerly) for module in self.modules if module.slug not in of_features
        }

    @cached_property
    def feature_renames(self) -> dict[str, str]:
        """Former id -> current id, for the features that may be voted for."""
        allowed = set(self.allowed_features)
        return {old: module.slug for module in self.modules if module.slug in allowed for old in module.formerly}

    @cached_property
    def renames(self) -> dict[str, str]:
        """Former slug -> current slug, of every module."""
        return {old: module.slug for module in self.modules for old in module.formerly}

    @cached_property
    def tombstones(self) -> dict[str, Removed]:
        """What is said of each module that is gone, by the slug that it had."""
        return {each.slug: each for each in self.removed}

    @cached_property
    def ending_names(self) -> frozenset[str]:
        """The slugs that clients should give up: former ones, and those of modules that are deprecated or gone."""
        deprecated = (module.slug for module in self.modules if module.deprecated)
        return frozenset((*self.renames, *self.tombstones, *deprecated))

    def find(self, slug: str) -> Module | None:
        """The module that has a slug, or had it once."""
        return self.by_slug.get(slug) or self.by_slug.get(self.renames.get(slug, ""))

    def former(self, feature_id: str) -> tuple[str, ...]:
        """The former ids of a feature."""
        module = self.by_slug.get(feature_id)
        return module.formerly if module else ()

    @cached_property
    def frozen_endpoints(self) -> dict[str, Module]:
        """The endpoints that answer 503 during the alpha, and whose they are."""
        frozen = (module for module in self.modules if module.state is ModuleState.ALPHA_UNAVAILABLE)
        return {module.api_endpoint: module for module in frozen if module.api_endpoint}
