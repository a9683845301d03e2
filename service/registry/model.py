"""The registry as values: frozen, and only what the file declares. Buckets and the allow-list are derived."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self


@dataclass(frozen=True, slots=True)
class Label:
    """Text for people, such as a module's display name, in the platform's two languages."""

    fr: str
    en: str


class ModuleState(Enum):
    """The state of a module: exactly one of these. A module that declares none is active.

    Each has its public bucket, the field that declares it, its place on pages, its name, and its meaning. The order
    here is that of the buckets in /api/modules-registry.
    """

    ACTIVE = "active", None, 1, Label("Actif", "Active"), "Modules that run."
    ON_DEMAND = (
        "on_demand",
        "is_on_demand",
        3,
        Label("Sur demande", "On demand"),
        "Stubs: activating one opens a feedback thread, not a job.",
    )
    META = "meta", "is_meta", 4, Label("Méta", "Meta"), "Features about other modules."
    COMING_SOON = (
        "coming_soon",
        "coming_soon",
        5,
        Label("À venir", "Coming soon"),
        "Modules that gather interest votes, and cannot be run.",
    )
    ALPHA_UNAVAILABLE = (
        "alpha_unavailable",
        "alpha_unavailable",
        2,
        Label("Actif, gelé pendant l’alpha", "Active, frozen during the alpha"),
        "Built, but frozen during the alpha: the endpoint answers 503.",
    )

    def __init__(self, bucket: str, flag: str | None, order: int, label: Label, meaning: str) -> None:
        self.bucket = bucket
        self.flag = flag
        self.order = order
        self.label = label
        self.meaning = meaning


if TYPE_CHECKING:
    from typing import assert_never

    check_exhaustive = assert_never
else:

    def check_exhaustive(state: object) -> None:
        """Have mypy report a `match` that lacks a state. At run time the default after the `match` applies."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That a module will go: days are ISO days, and `use` is the slug of the module to use instead, if there is one."""

    since: str
    removed_after: str
    use: str | None
    because: Label

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Build it from a valid entry."""
        return cls(entry["since"], entry["removed_after"], entry.get("use"), Label(**entry["because"]))


@dataclass(frozen=True, slots=True)
class Removed:
    """A module that is gone: the slug that it had, the ISO day on which it went, and what to use instead."""

    slug: str
    date: str
    use: str | None
    because: Label

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Build it from a valid entry."""
        return cls(entry["slug"], entry["date"], entry.get("use"), Label(**entry["because"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One entry of registry.yaml: the fields of the schema, in its order.

    A field is one line here. The schema says everything else about it.
    """

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
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Build a module from a valid entry. Missing fields take their defaults."""
        values = dict(entry)
        for name, convert in _CONVERTED.items():
            if values.get(name) is not None:
                values[name] = convert(values[name])
        return cls(**values)

    @property
    def state(self) -> ModuleState:
        """The state that the module declares."""
        declared = (state for state in ModuleState if state.flag in STATE_FLAGS and getattr(self, state.flag))
        return next(declared, ModuleState.ACTIVE)


#: The boolean fields that declare a state; at most one of them is true.
STATE_FLAGS = tuple(state.flag for state in ModuleState if state.flag in {field.name for field in fields(Module)})

#: How a value of the file becomes that of a field, by the type of the field; others stay as they are.
_CONVERTERS: Mapping[object, Callable[[Any], object]] = {
    tuple[str, ...]: tuple,
    Label: lambda value: Label(**value),
    Label | None: lambda value: Label(**value),
    Deprecation | None: Deprecation.from_entry,
}
_CONVERTED = {field.name: _CONVERTERS[field.type] for field in fields(Module) if field.type in _CONVERTERS}


@dataclass(frozen=True)
class Registry:
    """Every module in the file's order, the legacy feature ids that may still be voted for, and what is gone."""

    modules: tuple[Module, ...]
    legacy_features: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
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
