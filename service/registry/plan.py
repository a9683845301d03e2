"""Can these modules run together: in which order, what side by side, what queues, what is missing, and what cannot.

Producers come before those that need what they produce. A module that gives back what it takes, as a filter of leads
does, is a transformation in place: it comes after whoever makes the artifact, and before whoever only needs it. Where
both cannot be had, since modules hang together in a cycle, each of them still runs after a producer of what it needs.

The same modules get the same plan, in whatever order they are named: what is left open goes by the registry's order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.problems import InvalidField, UnknownModules
from service.registry.graph import Reach, by_artifact, components
from service.registry.model import Module, ModuleState, Registry, check_exhaustive
from service.wording import closest

#: Modules of one plan.
MOST_MODULES = 50

#: Pairs of names that are compared in the search for likely spellings: of thousands of modules, those of the first
#: unknown ones only. A pair takes 5 us or so.
_MOST_COMPARED = 10_000

#: Why an active module cannot be in a pipeline; any other is left out for its state, by the name of its bucket.
NOT_PIPELINABLE = "not_pipelinable"


@dataclass(frozen=True, slots=True)
class Missing:
    """An artifact that no module of the plan makes in time, who needs it, and which other modules would supply it."""

    artifact: str
    needed_by: tuple[str, ...]
    supplied_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A module that cannot be part of a plan, and why: `NOT_PIPELINABLE`, or the bucket of its state."""

    slug: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How modules run together, by their slugs, once what is `missing` comes from elsewhere.

    `parallel` has the steps: everything in one may be started together, once the step before is done. `order` is the
    same one by one. `queued` are those of them that share the VPN pool, of which one runs at a time on the platform
    (product documentation, multi_proxy).
    """

    order: tuple[str, ...]
    parallel: tuple[tuple[str, ...], ...]
    queued: tuple[str, ...]
    missing: tuple[Missing, ...]
    excluded: tuple[Excluded, ...]


def plan(registry: Registry, slugs: Iterable[str]) -> Plan:
    """The plan of modules, by their slugs or former ones; naming one twice changes nothing.

    Raises UnknownModules with every name that is none, and InvalidField for no names or more than `MOST_MODULES`.
    """
    chosen = _chosen(registry, slugs)
    modules = [module for module in chosen if can_run(module)]
    suppliers = _suppliers(registry, modules)
    missing = _missing(modules, suppliers)
    steps = _steps(modules, missing)
    order = [module for step in steps for module in step]
    return Plan(
        _slugs(order),
        tuple(map(_slugs, steps)),
        _slugs(module for module in order if module.multi_proxy),
        tuple(
            Missing(name, _slugs(each for each in modules if name in each.needs), _slugs(suppliers.get(name, ())))
            for name in sorted(missing)
        ),
        tuple(Excluded(module.slug, reason) for module in chosen if (reason := _reason(module))),
    )


def _reason(module: Module) -> str:
    """Return why a module cannot be part of a plan. Empty if it can."""
    match module.state:
        case ModuleState.ACTIVE:
            return "" if module.pipelinable else NOT_PIPELINABLE
        case ModuleState.ON_DEMAND | ModuleState.META | ModuleState.COMING_SOON | ModuleState.ALPHA_UNAVAILABLE:
            pass
        case unknown:
            check_exhaustive(unknown)
    return module.state.bucket


def can_run(module: Module) -> bool:
    """Whether a module can be part of a pipeline as things are."""
    return not _reason(module)


def _slugs(modules: Iterable[Module]) -> tuple[str, ...]:
    return tuple(module.slug for module in modules)


def _chosen(registry: Registry, slugs: Iterable[str]) -> list[Module]:
    """The named modules, in the registry's order."""
    names = list(dict.fromkeys(slugs))
    if not 1 <= len(names) <= MOST_MODULES:
        raise InvalidField("modules", f"must name 1 to {MOST_MODULES} modules, not {len(names):,}")
    by_name = {name: registry.find(name) for name in names}
    if unknown := [name for name, module in by_name.items() if module is None]:
        compared = unknown[: _MOST_COMPARED // max(1, len(registry.by_slug))]
        meant = {name: closest(name, registry.by_slug) or None for name in compared}
        raise UnknownModules(dict.fromkeys(unknown) | meant)
    wanted = {module.slug for module in by_name.values() if module}
    return [module for module in registry.modules if module.slug in wanted]


def _suppliers(registry: Registry, modules: Sequence[Module]) -> dict[str, list[Module]]:
    """The modules beside these that would supply each artifact that they need: who needs it itself does not."""
    needed, chosen = {name for module in modules for name in module.needs}, _slugs(modules)
    others = (each for each in registry.modules if not needed.isdisjoint(each.produces) and can_run(each))
    others = (each for each in others if each.slug not in chosen)
    return by_artifact({each: needed.intersection(each.produces).difference(each.needs) for each in others})


def _missing(modules: Sequence[Module], suppliers: Collection[str]) -> set[str]:
    """The artifacts from elsewhere with which each module can come after a producer of whatever it needs.

    None of them can be left out. Nobody here makes it, or only who needs it, too. Where modules wait for each other,
    some of what they wait for is among them, best what another module would supply.
    """
    makers = by_artifact({module: module.produces for module in modules})
    needed = {name for module in modules for name in module.needs}
    missing = {name for name in needed if all(name in maker.needs for maker in makers.get(name, ()))}
    awaited = _awaited(modules, missing)
    missing |= awaited
    for name in sorted(awaited, key=lambda name: (name in suppliers, name)):
        if not _awaited(modules, missing - {name}):
            missing.remove(name)
    return missing


def _awaited(modules: Sequence[Module], given: Collection[str]) -> set[str]:
    """What is still lacking where these artifacts are given, and all that can run has run."""
    walk = Reach({module: module.needs for module in modules}, {module: module.produces for module in modules})
    walk.give(given)
    return {name for lacking in walk.waits.values() for name in lacking}


def _steps(modules: Sequence[Module], given: Collection[str]) -> list[list[Module]]:
    """The modules, step by step: each is in the first step after all that it must not run beside, and comes after."""
    by_slug = {module.slug: module for module in modules}
    eaters = by_artifact({slug: module.needs for slug, module in by_slug.items()})
    feeds = {
        slug: {other for name in module.produces for other in eaters.get(name, ())} - {slug}
        for slug, module in by_slug.items()
    }
    step: dict[str, int] = {}
    for slug in _one_by_one(by_slug, feeds, given):
        before = [number for other, number in step.items() if slug in feeds[other] or other in feeds[slug]]
        step[slug] = 1 + max(before, default=-1)
    in_order = sorted(modules, key=lambda module: step[module.slug])
    return [[*together] for _, together in groupby(in_order, lambda module: step[module.slug])]


def _one_by_one(by_slug: Mapping[str, Module], feeds: Mapping[str, set[str]], given: Collection[str]) -> Iterator[str]:
    """Producers before those that they feed; in a cycle, who has what it needs, transformations in place first."""
    there = set(given)
    for part in reversed(components({slug: sorted(others) for slug, others in feeds.items()})):
        left = [slug for slug in by_slug if slug in part]
        while left:
            ready = [slug for slug in left if there.issuperset(by_slug[slug].needs)]
            following = min(ready, key=lambda slug: {*by_slug[slug].needs}.isdisjoint(by_slug[slug].produces))
            left.remove(following)
            yield following
            there.update(by_slug[following].produces)
