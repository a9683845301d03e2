"""What an edit does to the needs/produces graph: who no longer hands an artifact on to whom, and who does now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.registry.artifacts import by_artifact
from service.registry.model import ModuleState, Registry


@dataclass(frozen=True, slots=True)
class Link:
    """An artifact that each of `producers` hands on to each of `consumers`, which an edit has taken away or added.

    Slugs are those of the new registry where it still has the module.
    """

    is_gained: bool
    artifact: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]


def links_changed(base: Registry, head: Registry, renamed: Mapping[str, str]) -> Iterator[Link]:
    """What the graph loses, and then what it gains, by artifact. Modules that are coming soon are not in it yet.

    `renamed` has the new slug of each module that has another. Groups are said rather than pairs, of which there may
    be many millions: those who are gone or new, with all on the other side; then those who stay, with who is.
    """
    before, after = _ends(base, renamed), _ends(head, {})
    for is_gained, (one, other) in ((False, (before, after)), (True, (after, before))):
        for artifact in sorted(one.keys()):
            (producers, consumers), (still_produce, still_need) = one[artifact], other.get(artifact, ((), ()))
            gone, stay = _parted(producers, still_produce)
            yield from _link(is_gained, artifact, gone, consumers)
            yield from _link(is_gained, artifact, stay, _parted(consumers, still_need)[0])


def _ends(registry: Registry, renamed: Mapping[str, str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each artifact that goes from some module to some module: who produces it, and who needs it."""
    running = {
        renamed.get(module.slug, module.slug): module
        for module in registry.modules
        if module.state is not ModuleState.COMING_SOON
    }
    producing = by_artifact({slug: module.produces for slug, module in running.items()})
    needing = by_artifact({slug: module.needs for slug, module in running.items()})
    return {name: (tuple(producing[name]), tuple(needing[name])) for name in producing if name in needing}


def _parted(slugs: Iterable[str], others: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that are not among the others, and those that are."""
    known = set(others)
    return tuple(slug for slug in slugs if slug not in known), tuple(slug for slug in slugs if slug in known)


def _link(is_gained: bool, artifact: str, producers: tuple[str, ...], consumers: tuple[str, ...]) -> Iterator[Link]:
    """The group, unless nobody is in it but a module that gets what it makes."""
    if producers and consumers and not (producers == consumers and len(producers) == 1):
        yield Link(is_gained, artifact, producers, consumers)
