"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end.

A module that is not coming soon is reached once everything it needs is produced by modules that were reached before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import partial

from service.registry.entries import Entry, Shaped
from service.registry.graph import components
from service.registry.nodes import Finding, Node, Words
from service.wording import did_you_mean, joined, quoted

#: A suggestion compares a name with every artifact of the file, so a file full of misses gets them for the first only.
#: Comparing two names costs at most as much as the product of their lengths, once something is added to each for what
#: any name costs: of ten million such units, a second.
_MOST_COMPARED = 10_000_000
_ANY_NAME = 8
#: How often the whole file may be looked through for knots. One that hides another behind it can be built by hand.
_MOST_ROUNDS = 5

#: What an entry needs: each artifact, with its path from the entry and its node.
Needs = dict[str, tuple[tuple[str | int, ...], Node]]


def supply(shaped: Shaped) -> Iterator[Finding]:
    """Artifacts that nobody produces, modules that feed on themselves, and modules that wait for each other."""
    produced = {id(entry): entry.produced() for entry in shaped.entries}
    if shaped.unreadable or any(uncertain for _, uncertain in produced.values()):
        return  # what a module produces cannot be known, so nothing can be said to be missing
    running = [entry for entry in shaped.entries if _runs(entry)]
    produces = {id(entry): produced[id(entry)][0] for entry in running}
    producers: dict[str, list[Entry]] = defaultdict(list)
    for entry in running:
        for artifact in produces[id(entry)]:
            producers[artifact].append(entry)
    needs: dict[int, Needs] = {
        id(entry): {node.value: (path, node) for path, node in entry.names("needs")} for entry in shaped.entries
    }

    missing: dict[str, list[Entry]] = defaultdict(list)
    for entry in shaped.entries:
        for artifact in needs[id(entry)]:
            if artifact not in producers:
                missing[artifact].append(entry)
    coming = {name: entry for entry in shaped.entries if not _runs(entry) for name in produced[id(entry)][0]}
    yield from _missing(missing, needs, set(producers), coming)

    waits: dict[int, set[str]] = {}
    for entry in running:
        own = {artifact for artifact in needs[id(entry)] if producers.get(artifact) == [entry]}
        waits[id(entry)] = {name for name in needs[id(entry)] if name not in own and name not in missing}
        for artifact in own:
            path, node = needs[id(entry)][artifact]
            yield Finding(node.offset, "self-supply", partial(_own_supply, entry, artifact), (*entry.path, *path))
    yield from _knots(running, waits, produces)


def _runs(entry: Entry) -> bool:
    """Not coming soon, or not certainly so: then what it produces counts, and nothing is reported because of it."""
    return not entry.flag("coming_soon") or "coming_soon" in entry.doubtful


def _own_supply(entry: Entry, artifact: str) -> Words:
    message = f"{entry.name}: needs {quoted(artifact)}, which only {entry.name} itself produces"
    return message, "remove it from needs, or let another module produce it"


def _missing(
    missing: dict[str, list[Entry]], needs: dict[int, Needs], produced: Collection[str], coming: dict[str, Entry]
) -> Iterator[Finding]:
    """One finding for each artifact that nobody produces, and one for all that a coming-soon module alone produces.

    Each is at the first module that needs it.
    """
    awaited: dict[str, list[str]] = defaultdict(list)
    left = _MOST_COMPARED
    weight = sum(_ANY_NAME + len(name) for name in produced)
    for artifact, entries in missing.items():
        if artifact in coming:
            awaited[coming[artifact].name].append(artifact)
        else:
            left -= (_ANY_NAME + len(artifact)) * weight
            words = partial(_nobody, artifact, entries, produced if left >= 0 else ())
            yield _lacking(artifact, entries[0], needs, words)
    for producer, artifacts in awaited.items():
        entries = list({id(entry): entry for artifact in artifacts for entry in missing[artifact]}.values())
        yield _lacking(artifacts[0], entries[0], needs, partial(_nobody_yet, artifacts, entries, producer))


def _lacking(artifact: str, first: Entry, needs: dict[int, Needs], words: partial[Words]) -> Finding:
    path, node = needs[id(first)][artifact]
    return Finding(node.offset, "artifact-missing", words, (*first.path, *path))


def _nobody(artifact: str, entries: list[Entry], produced: Collection[str]) -> Words:
    hint = did_you_mean(artifact, produced) or "let a module produce it, or remove it from needs"
    return f"{_who_need([artifact], entries)}, which no module produces", hint


def _nobody_yet(artifacts: list[str], entries: list[Entry], producer: str) -> Words:
    what = "it" if len(artifacts) == 1 else "them"
    message = f"{_who_need(artifacts, entries)}, which only {producer} produces, and that is coming soon"
    return message, f"remove {what} from needs, or let a module that is not coming soon produce {what}"


def _who_need(artifacts: list[str], entries: list[Entry]) -> str:
    verb = "needs" if len(entries) == 1 else "need"
    return f"{joined([entry.name for entry in entries])}: {verb} {joined(list(map(quoted, artifacts)))}"


def _knots(running: list[Entry], waits: dict[int, set[str]], produces: dict[int, set[str]]) -> Iterator[Finding]:
    """One finding for each group of modules that wait for each other; what only waits for a knot is not reported."""
    waiting_for: dict[str, list[Entry]] = defaultdict(list)
    for entry in running:
        for artifact in waits[id(entry)]:
            waiting_for[artifact].append(entry)
    reached: set[int] = set()

    def reach(start: list[Entry]) -> None:
        queue = [entry for entry in start if id(entry) not in reached]
        reached.update(map(id, queue))
        while queue:
            for artifact in produces[id(queue.pop())]:
                for other in waiting_for.pop(artifact, ()):
                    waits[id(other)].discard(artifact)
                    if not waits[id(other)] and id(other) not in reached:
                        reached.add(id(other))
                        queue.append(other)

    reach([entry for entry in running if not waits[id(entry)]])
    pending = [running]
    left = _MOST_ROUNDS * sum(1 + len(waits[id(entry)]) + len(produces[id(entry)]) for entry in running)
    while pending and left > 0:
        group = {id(entry): entry for entry in pending.pop() if id(entry) not in reached}
        left -= sum(1 + len(waits[number]) + len(produces[number]) for number in group)
        parts = [[group[n] for n in part if n in group] for part in components(_graph(group, waits, produces))]
        parts = [part for part in parts if part]
        if len(parts) > 1:
            pending.extend(reversed(parts))  # those that others wait for come first
        elif parts:
            knot = sorted(parts[0], key=lambda entry: entry.node.offset)
            path = (*knot[0].path, "needs")
            yield Finding(knot[0].at("needs"), "waiting-knot", _knot(knot, waits), path)
            reach(knot)


def _graph(
    group: dict[int, Entry], waits: dict[int, set[str]], produces: dict[int, set[str]]
) -> dict[int | str, set[int | str]]:
    """Modules point to the artifacts they wait for, and artifacts to the modules of the group that produce them."""
    graph: dict[int | str, set[int | str]] = defaultdict(set)
    for number in group:
        graph[number] |= waits[number]
        for artifact in produces[number]:
            graph[artifact].add(number)
    for number in group:
        for artifact in waits[number]:
            graph[artifact] |= set()
    return dict(graph)


def _knot(knot: list[Entry], waits: dict[int, set[str]]) -> partial[Words]:
    """The words for one knot, made of what its modules wait for now: that changes as others are reached."""
    first = [(entry, sorted(waits[id(entry)])[:_MOST_WAITS]) for entry in knot[:_MOST_WAITS]]
    return partial(_waiting, knot, first)


#: Modules of a knot, and artifacts of each, that its message tells in full.
_MOST_WAITS = 10


def _waiting(knot: list[Entry], first: list[tuple[Entry, list[str]]]) -> Words:
    each = "; ".join(f"{entry.name} needs {' and '.join(artifacts)}" for entry, artifacts in first)
    message = f"{joined([entry.name for entry in knot])} wait for each other: {each}"
    return message, "let a module outside this group produce one of these, or drop a need"
