"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end.

A module that is not coming soon is reached once everything it needs is produced by modules that were reached before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.registry.graph import components
from service.registry.shape import STATES, Entry, Shaped, did_you_mean, evened, shown
from service.registry.source import Finding, Node, pointer

#: A suggestion compares a name with every artifact of the file, so a file full of misses gets them for the first only.
_MOST_SUGGESTIONS = 20


def supply(shaped: Shaped) -> Iterator[Finding]:
    """Artifacts that nobody produces, modules that feed on themselves, and modules that wait for each other."""
    running = [entry for entry in shaped.entries if _runs(entry)]
    producers: dict[str, list[Entry]] = defaultdict(list)
    for entry in running:
        for artifact in dict.fromkeys(node.value for node in entry.names("produces")):
            producers[artifact].append(entry)
    needs = {id(entry): {node.value: node for node in entry.names("needs")} for entry in shaped.entries}

    missing: dict[str, list[Entry]] = defaultdict(list)
    for entry in shaped.entries:
        for artifact in needs[id(entry)]:
            if artifact not in producers:
                missing[artifact].append(entry)
    yield from _missing(shaped, missing, needs, set(producers))

    waits: dict[int, set[str]] = {}
    for entry in running:
        own = {artifact for artifact in needs[id(entry)] if producers.get(artifact) == [entry]}
        waits[id(entry)] = needs[id(entry)].keys() - own - missing.keys()
        for artifact in sorted(own):
            message = f"{entry.name}: needs {shown(artifact)}, which only {entry.name} itself produces"
            hint = "remove it from needs, or let another module produce it"
            where = pointer(*entry.path, "needs")
            yield Finding(needs[id(entry)][artifact].offset, "self-supply", message, hint, where)
    yield from _knots(running, waits)


def _runs(entry: Entry) -> bool:
    """Not coming soon, or not certainly so: then what it produces counts, and nothing is reported because of it."""
    certain = "coming_soon" not in entry.doubtful and sum(map(entry.flag, STATES)) == 1
    return not (entry.flag("coming_soon") and certain)


def _missing(
    shaped: Shaped, missing: dict[str, list[Entry]], needs: dict[int, dict[str, Node]], produced: set[str]
) -> Iterator[Finding]:
    """One finding for each artifact that nobody produces, at the first module that needs it."""
    malformed: set[str] = set()
    coming: dict[str, str] = {}
    for entry in shaped.entries:
        node = entry.fields.get("produces")
        if "produces" in entry.doubtful and (node is None or not isinstance(node.value, (list, str))):
            return  # what this module produces cannot be known
        if "produces" in entry.node.repeated:
            return
        items = node.children if node is not None and isinstance(node.value, list) else [node] if node else []
        names = entry.names("produces")
        malformed |= {evened(item.text) for item in items if item not in names}
        coming.update({name.value: entry.name for name in names if not _runs(entry)})
    if shaped.unreadable:
        return
    for number, (artifact, entries) in enumerate((a, e) for a, e in missing.items() if a not in malformed):
        names_list = _listed([entry.name for entry in entries])
        verb = "needs" if len(entries) == 1 else "need"
        reason, hint = (
            "no module produces",
            (
                did_you_mean(artifact, produced if number < _MOST_SUGGESTIONS else ())
                or "let a module produce it, or remove it"
            ),
        )
        if artifact in coming:
            reason, hint = (
                f"only {coming[artifact]} produces, and that is coming soon",
                "a need must be met today",
            )
        message = f"{names_list}: {verb} {shown(artifact)}, which {reason}"
        where = pointer(*entries[0].path, "needs")
        yield Finding(needs[id(entries[0])][artifact].offset, "artifact-missing", message, hint, where)


def _knots(running: list[Entry], waits: dict[int, set[str]]) -> Iterator[Finding]:
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
            for node in queue.pop().names("produces"):
                for other in waiting_for.pop(node.value, ()):
                    waits[id(other)].discard(node.value)
                    if not waits[id(other)] and id(other) not in reached:
                        reached.add(id(other))
                        queue.append(other)

    reach([entry for entry in running if not waits[id(entry)]])
    pending = [running]
    while pending:
        group = {id(entry): entry for entry in pending.pop() if id(entry) not in reached}
        parts = [[group[n] for n in part if n in group] for part in components(_graph(group, waits))]
        parts = [part for part in parts if part]
        if len(parts) > 1:
            pending.extend(reversed(parts))  # those that others wait for come first
        elif parts:
            knot = sorted(parts[0], key=lambda entry: entry.node.offset)
            yield _knot(knot, waits)
            reach(knot)


def _graph(group: dict[int, Entry], waits: dict[int, set[str]]) -> dict[int | str, set[int | str]]:
    """Modules point to the artifacts they wait for, and artifacts to the modules of the group that produce them."""
    graph: dict[int | str, set[int | str]] = defaultdict(set)
    for number, entry in group.items():
        graph[number] |= waits[number]
        for node in entry.names("produces"):
            graph[node.value].add(number)
    for number in group:
        for artifact in waits[number]:
            graph[artifact] |= set()
    return dict(graph)


def _knot(knot: list[Entry], waits: dict[int, set[str]]) -> Finding:
    first = knot[0]
    each = "; ".join(f"{entry.name} needs {' and '.join(sorted(waits[id(entry)]))}" for entry in knot)
    message = f"{_listed([entry.name for entry in knot])} wait for each other: {each}"
    hint = "let a module outside this group produce one of these, or drop a need"
    return Finding(first.at("needs"), "waiting-knot", message, hint, pointer(*first.path, "needs"))


def _listed(names: list[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))
