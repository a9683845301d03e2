"""Rules of artifacts: what a module needs has to come from a module that runs, and waiting has to end."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from service.problems import Diagnostic
from service.registry.graph import by_artifact, knots
from service.registry.lint.document import Document, Entry, locate_key
from service.registry.lint.edits import respell
from service.registry.lint.names import Similar, names_in
from service.registry.lint.nodes import Edits, Findings, is_true
from service.registry.lint.vocabulary import look_up
from service.wording import joined, quoted

#: Modules of a knot, and artifacts of each, that its message names.
_MOST_WAITS = 10


class Supply:
    """The producers and consumers of the artifacts in one file.

    If part of the file could not be read (`is_open`), a module may produce an artifact that seems to be missing. Then
    only misspelled artifacts are reported.
    """

    def __init__(self, document: Document) -> None:
        self.text, self.names, self.modules = document.text, document.names, document.modules
        self.running = {entry: entry.produces for entry in self.modules if not is_true(entry.node, "coming_soon")}
        self.producing = by_artifact(self.running)
        self.needing = by_artifact({entry: entry.needs for entry in self.modules})
        self.coming = {name: entry for entry in self.modules if entry not in self.running for name in entry.produces}
        self.by_slug = {entry.slug: entry for entry in self.modules}
        self.is_open = document.is_open("produces")

    def is_own(self, module: Entry, artifact: str) -> bool:
        """Whether only the module itself produces an artifact."""
        return self.producing.get(artifact) == [module]

    @cached_property
    def knots(self) -> list[tuple[list[Entry], dict[Entry, set[str]], list[str]]]:
        """Groups of modules that wait for each other: the modules, their needs, and the artifacts without a source.

        An artifact has no source if several modules produce it, and each of them needs it.
        """
        waits = {
            module: [name for name in module.needs if name in self.producing and not self.is_own(module, name)]
            for module in self.running
        }
        return [
            (sort_entries(knot), knot, [name for name in sorted(set().union(*knot.values())) if self._is_lost(name)])
            for knot in (() if self.is_open else knots(waits, self.running))
        ]

    def _is_lost(self, artifact: str) -> bool:
        producers = self.producing[artifact]
        return len(producers) > 1 and all(artifact in module.needs for module in producers)


def sort_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in the order of the file."""
    return sorted(entries, key=lambda entry: int(entry.path[1]))


def artifact_missing(supply: Supply) -> Findings:
    """Report artifacts that no module produces, only coming-soon modules, or only modules that need them."""
    awaited: dict[Entry, list[str]] = defaultdict(list)
    for artifact, needing in supply.needing.items():
        if artifact in supply.producing:
            continue
        if artifact in supply.coming:
            awaited[supply.coming[artifact]].append(artifact)
        elif diagnostic := _diagnose_missing(supply, artifact, needing):
            yield diagnostic
    for producer, artifacts in awaited.items() if not supply.is_open else ():
        needing = [*dict.fromkeys(module for artifact in artifacts for module in supply.needing[artifact])]
        it = "it" if len(artifacts) == 1 else "them"
        why = f"which only {producer.name} produces, and that is coming soon"
        yield _diagnose_needs(
            artifacts, needing, why, f"remove {it} from needs, or let a module that is not coming soon produce {it}"
        )
    for modules, _, lost in supply.knots:
        if lost:
            it = "it" if len(lost) == 1 else "them"
            needing = sort_entries({module for name in lost for module in supply.needing[name]})
            why = f"which only {joined([entry.name for entry in modules])} produce, and they need {it} themselves"
            yield _diagnose_needs(lost, needing, why, f"let a module that does not need {it} produce {it}")


def _diagnose_missing(supply: Supply, artifact: str, needing: list[Entry]) -> Diagnostic | None:
    """Return the diagnostic of an artifact that no module produces; None if an unread module may produce it."""
    near = _find_near(supply, artifact, needing)
    meant = ""
    why = "which no module produces"
    hint = "let a module produce it, or remove it from needs"
    module = supply.by_slug.get(artifact)
    if module is not None and near not in module.produces:
        why = "which is a module, not an artifact"
        produced = sorted(module.produces)
        meant = produced[0] if len(produced) == 1 else ""
        if produced:
            hint = f"{artifact} produces {joined(produced)}: write {meant or 'what is needed of that'}"
    elif look_up("nothing", artifact):
        hint = "write [], or leave needs out, where a module needs nothing"
    elif near in supply.needing:
        hint = f"did you mean {near}?"
        meant = near
    elif supply.is_open:
        return None
    elif near:
        producers = joined([entry.name for entry in supply.producing[near]], 6)
        hint = f"{producers} produces {near}, which nobody needs: write {artifact} there, or {near} here"
    return _diagnose_needs([artifact], needing, why, hint, _respell_needs(supply, artifact, needing, meant))


def _find_near(supply: Supply, artifact: str, needing: list[Entry]) -> str:
    """Return the produced artifact with the closest name, unless one of the modules that need it is the producer."""
    near = supply.names.find_closest(artifact, supply.producing.keys())
    return "" if any(supply.is_own(module, near) for module in needing) else near


def _respell_needs(supply: Supply, artifact: str, needing: list[Entry], meant: str) -> Edits:
    """Return the edits that replace an artifact wherever a module needs it; none if a module has both names."""
    if meant not in supply.producing or any(meant in entry.needs or meant in entry.produces for entry in needing):
        return ()
    nodes = (entry.node.at(("needs", entry.needs[artifact])) for entry in needing)
    return tuple(sorted({edit for node in nodes for edit in respell(supply.text, node, meant)}))


def _diagnose_needs(artifacts: list[str], modules: list[Entry], why: str, hint: str, edits: Edits = ()) -> Diagnostic:
    """Return the diagnostic of artifacts that modules need, at the first of these needs in the first module."""
    first = modules[0]
    way = ("needs", min(first.needs[name] for name in artifacts if name in first.needs))
    verb = "needs" if len(modules) == 1 else "need"
    return Diagnostic(
        "artifact-missing",
        first.node.at(way).place,
        f"{joined([entry.name for entry in modules])}: {verb} {joined([*map(quoted, artifacts)])}, {why}",
        hint,
        edits,
        (*first.path, *way),
    )


def self_supply(supply: Supply) -> Findings:
    """Report modules that need an artifact which only they produce."""
    needs = ((module, name) for module in supply.running for name in module.needs if supply.is_own(module, name))
    for module, artifact in () if supply.is_open else needs:
        message = f"{module.name}: needs {quoted(artifact)}, which only {module.name} itself produces"
        hint = "remove it from needs, or let another module produce it"
        if artifact in supply.coming:
            message += f", and {supply.coming[artifact].name}, which is coming soon"
            hint = "let a module that is not coming soon produce it, or remove it from needs"
        way = ("needs", module.needs[artifact])
        yield Diagnostic("self-supply", module.node.at(way).place, message, hint, path=(*module.path, *way))


def waiting_knot(supply: Supply) -> Findings:
    """Report groups of modules that wait for each other."""
    for modules, waits, lost in supply.knots:
        if not lost:
            names = joined([module.name for module in modules])
            needs = (
                f"{module.name} needs {' and '.join(sorted(waits[module])[:_MOST_WAITS])}"
                for module in modules[:_MOST_WAITS]
            )
            place = locate_key(modules[0].node, "needs")
            path = (*modules[0].path, "needs")
            yield Diagnostic(
                "waiting-knot",
                place,
                f"{names} wait for each other: {'; '.join(needs)}",
                "let a module outside this group produce one of these, or drop a need",
                path=path,
            )


def unneeded_artifact(document: Document) -> Findings:
    """Warn of artifacts that no module needs, if a similar one or another one of the same module is needed."""
    needed = {node.value for entry in document.modules for node in names_in(entry.node, "needs")}
    similar = Similar(needed)
    seen = {*needed}
    for entry in document.modules:
        produced = [*names_in(entry.node, "produces")]
        is_supplier = any(node.value in needed for node in produced)
        for node in produced:
            if node.value not in seen and ((meant := similar.find(node.value)) or is_supplier):
                hint = f"write {meant}, if that is meant" if meant else "let a module need it, or remove it"
                yield entry.diagnose(
                    "unneeded-artifact",
                    "produces",
                    f"produces {quoted(node.value)}, which no module needs",
                    hint,
                    node.offset,
                )
            seen.add(node.value)


def chained_alone(document: Document) -> Findings:
    """Warn of pipelinable modules that neither need nor produce an artifact."""
    for entry in document.modules:
        names = [*names_in(entry.node, "produces"), *names_in(entry.node, "needs")]
        if is_true(entry.node, "pipelinable") and not names:
            place = locate_key(entry.node, "pipelinable")
            yield entry.diagnose(
                "chained-alone",
                "pipelinable",
                "pipelinable is true, and it neither needs nor produces anything",
                "say what it needs and produces, or remove pipelinable",
                place,
            )
