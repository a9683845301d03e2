"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end.

A module that is not coming soon is reached once everything it needs is produced by modules that were reached before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.registry.entries import Entry, Shaped
from service.registry.graph import components
from service.registry.nodes import Finding, Node, pointer
from service.registry.words import did_you_mean, listed, shown

#: A suggestion compares a name with every artifact of the file, so a file full of misses gets them for the first only.
_MOST_SUGGESTIONS = 20


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
    needs = {id(entry): {node.value: node for node in entry.names("needs")} for entry in shaped.entries}

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
        waits[id(entry)] = needs[id(entry)].keys() - own - missing.keys()
        for artifact in sorted(own):
            message = f"{entry.name}: needs {shown(artifact)}, which only {entry.name} itself produces"
            hint = "remove it from needs, or let another module produce it"
            node = needs[id(entry)][artifact]
            yield Finding(node.offset, "self-supply", message, hint, _where(entry, node))
    yield from _knots(running, waits, produces)


def _runs(entry: Entry) -> bool:
    """Not coming soon, or not certainly so: then what it produces counts, and nothing is reported because of it."""
    return not entry.flag("coming_soon") or "coming_soon" in entry.doubtful


def _missing(
    missing: dict[str, list[Entry]], needs: dict[int, dict[str, Node]], produced: set[str], coming: dict[str, Entry]
) -> Iterator[Finding]:
    """One finding for each artifact that nobody produces, and one for all that a coming-soon module alone produces.

    Each is at the first module that needs it.
    """
    awaited: dict[str, list[str]] = defaultdict(list)
    for number, (artifact, entries) in enumerate(missing.items()):
        if artifact in coming:
            awaited[coming[artifact].name].append(artifact)
            continue
        close = did_you_mean(artifact, produced) if number < _MOST_SUGGESTIONS else ""
        hint = close or "let a module produce it, or remove it from needs"
        yield _lacking([artifact], entries, needs, "no module produces", hint)
    for producer, artifacts in awaited.items():
        entries = list({id(entry): entry for artifact in artifacts for entry in missing[artifact]}.values())
        reason = f"only {producer} produces, and that is coming soon"
        what = "it" if len(artifacts) == 1 else "them"
        hint = f"remove {what} from needs, or let a module that is not coming soon produce {what}"
        yield _lacking(artifacts, entries, needs, reason, hint)


def _lacking(
    artifacts: list[str], entries: list[Entry], needs: dict[int, dict[str, Node]], reason: str, hint: str
) -> Finding:
    first = entries[0]
    node = needs[id(first)][artifacts[0]]
    verb = "needs" if len(entries) == 1 else "need"
    message = (
        f"{listed([entry.name for entry in entries])}: {verb} {listed(list(map(shown, artifacts)))}, which {reason}"
    )
    return Finding(node.offset, "artifact-missing", message, hint, _where(first, node))


def _where(entry: Entry, need: Node) -> str:
    """The pointer of one need: an item of the list, or the field where it is no list."""
    items = list(map(id, entry.fields["needs"].children))
    return pointer(*entry.path, "needs", *([items.index(id(need))] if id(need) in items else []))


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
    while pending:
        group = {id(entry): entry for entry in pending.pop() if id(entry) not in reached}
        parts = [[group[n] for n in part if n in group] for part in components(_graph(group, waits, produces))]
        parts = [part for part in parts if part]
        if len(parts) > 1:
            pending.extend(reversed(parts))  # those that others wait for come first
        elif parts:
            knot = sorted(parts[0], key=lambda entry: entry.node.offset)
            yield _knot(knot, waits)
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


def _knot(knot: list[Entry], waits: dict[int, set[str]]) -> Finding:
    first = knot[0]
    each = "; ".join(f"{entry.name} needs {' and '.join(sorted(waits[id(entry)]))}" for entry in knot)
    message = f"{listed([entry.name for entry in knot])} wait for each other: {each}"
    hint = "let a module outside this group produce one of these, or drop a need"
    return Finding(first.at("needs"), "waiting-knot", message, hint, pointer(*first.path, "needs"))
