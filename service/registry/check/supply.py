"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import partial

from service.registry.artifacts import by_artifact, knots
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.nodes import Finding, Node, Words
from service.wording import did_you_mean, joined, quoted

#: A suggestion compares a name with every artifact of the file, so a file full of misses gets them for the first only.
#: Comparing two names costs at most as much as the product of their lengths, once something is added to each for what
#: any name costs: of ten million such units, a second.
_MOST_COMPARED = 10_000_000
_ANY_NAME = 8
#: Modules of a knot, and artifacts of each, that its message tells in full.
_MOST_WAITS = 10

#: What an entry needs: each artifact, with its path from the entry and its node.
Needs = dict[str, tuple[tuple[str | int, ...], Node]]


def supply(document: CheckedDocument) -> Iterator[Finding]:
    """Artifacts that nobody produces, modules that feed on themselves, and modules that wait for each other."""
    produced = {entry: entry.produced() for entry in document.entries}
    if document.unreadable or any(uncertain for _, uncertain in produced.values()):
        return  # what a module produces cannot be known, so nothing can be said to be missing
    produces = {entry: produced[entry][0] for entry in document.entries if _runs(entry)}
    producing = by_artifact(produces)
    needs: dict[Entry, Needs] = {
        entry: {node.value: (path, node) for path, node in entry.names("needs")} for entry in document.entries
    }

    missing: dict[str, list[Entry]] = defaultdict(list)
    for entry in document.entries:
        for artifact in needs[entry]:
            if artifact not in producing:
                missing[artifact].append(entry)
    coming = {name: entry for entry in document.entries if not _runs(entry) for name in produced[entry][0]}
    yield from _missing(missing, needs, set(producing), coming)

    waits: dict[Entry, list[str]] = {}
    for entry in produces:
        own = {artifact for artifact in needs[entry] if producing.get(artifact) == [entry]}
        waits[entry] = [name for name in needs[entry] if name not in own and name not in missing]
        for artifact in own:
            path, node = needs[entry][artifact]
            yield Finding(node.offset, "self-supply", partial(_own_supply, entry, artifact), (*entry.path, *path))
    for knot in knots(waits, produces):
        yield _knot(knot)


def _runs(entry: Entry) -> bool:
    """Not coming soon, or not certainly so: then what it produces counts, and nothing is reported because of it."""
    return not entry.flag("coming_soon") or "coming_soon" in entry.doubtful


def _own_supply(entry: Entry, artifact: str) -> Words:
    message = f"{entry.name}: needs {quoted(artifact)}, which only {entry.name} itself produces"
    return message, "remove it from needs, or let another module produce it"


def _missing(
    missing: dict[str, list[Entry]], needs: dict[Entry, Needs], produced: Collection[str], coming: dict[str, Entry]
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
        entries = list(dict.fromkeys(entry for artifact in artifacts for entry in missing[artifact]))
        yield _lacking(artifacts[0], entries[0], needs, partial(_nobody_yet, artifacts, entries, producer))


def _lacking(artifact: str, first: Entry, needs: dict[Entry, Needs], words: partial[Words]) -> Finding:
    path, node = needs[first][artifact]
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


def _knot(waits: Mapping[Entry, Collection[str]]) -> Finding:
    """One finding for a group of modules that wait for each other, at the first of them."""
    entries = sorted(waits, key=lambda entry: entry.node.offset)
    words = partial(_waiting, entries, {entry: sorted(waits[entry])[:_MOST_WAITS] for entry in entries[:_MOST_WAITS]})
    return Finding(entries[0].at("needs"), "waiting-knot", words, (*entries[0].path, "needs"))


def _waiting(entries: list[Entry], waits: Mapping[Entry, list[str]]) -> Words:
    each = "; ".join(f"{entry.name} needs {' and '.join(artifacts)}" for entry, artifacts in waits.items())
    message = f"{joined([entry.name for entry in entries])} wait for each other: {each}"
    return message, "let a module outside this group produce one of these, or drop a need"
