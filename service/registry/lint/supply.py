"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from service.problems import Diagnostic, Edit
from service.registry.graph import by_artifact, knots
from service.registry.lint.names import is_true
from service.registry.lint.rules import Document, Entry, respelled
from service.registry.lint.shape import place_of
from service.registry.lint.values import said
from service.wording import joined, quoted

#: Modules of a knot, and artifacts of each, that its message tells in full.
_MOST_WAITS = 10


def supply(document: Document) -> Iterator[Diagnostic]:
    """Artifacts that nobody produces, modules that feed on themselves, and modules that wait for each other.

    Where something could not be read, it may produce what seems to be missing: only a misspelling is told then.
    """
    found = _Supply(document)
    yield from found.missing()
    if not found.is_open:
        yield from found.waiting()


class _Supply:
    """Who produces what, in one file. `is_open` says that something of it could not be read."""

    def __init__(self, document: Document) -> None:
        self.text, self.names, self.modules = document.text, document.names, document.modules
        self.running = {one: one.produces for one in self.modules if not is_true(one.node, "coming_soon")}
        self.producing = by_artifact(self.running)
        self.needing = by_artifact({one: one.needs for one in self.modules})
        self.coming = {name: one for one in self.modules if one not in self.running for name in one.produces}
        self.by_slug = {one.slug: one for one in self.modules}
        self.is_open = document.is_open("produces")

    def missing(self) -> Iterator[Diagnostic]:
        """One for each artifact that nobody produces, and one for all that a coming-soon module alone produces."""
        awaited: dict[Entry, list[str]] = defaultdict(list)
        for artifact, needing in self.needing.items():
            if artifact in self.producing:
                continue
            if artifact in self.coming:
                awaited[self.coming[artifact]].append(artifact)
            elif found := self._lacking(artifact, needing):
                yield found
        for producer, artifacts in awaited.items() if not self.is_open else ():
            needing = [*dict.fromkeys(module for artifact in artifacts for module in self.needing[artifact])]
            it = "it" if len(artifacts) == 1 else "them"
            why = f"which only {producer.name} produces, and that is coming soon"
            hint = f"remove {it} from needs, or let a module that is not coming soon produce {it}"
            yield _who_need(artifacts, needing, why, hint)

    def _lacking(self, artifact: str, needing: list[Entry]) -> Diagnostic | None:
        """What is told of an artifact that nobody produces; None where it may be what was not read."""
        near, meant, why = self._near(artifact, needing), "", "which no module produces"
        hint = "let a module produce it, or remove it from needs"
        module = self.by_slug.get(artifact)
        if module is not None and near not in module.produces:
            why, made = "which is a module, not an artifact", sorted(module.produces)
            meant = made[0] if len(made) == 1 else ""
            if made:
                hint = f"{artifact} produces {joined(made)}: write {meant or 'what is needed of that'}"
        elif said("nothing", artifact):
            hint = "write [], or leave needs out, where a module needs nothing"
        elif near in self.needing:
            hint, meant = f"did you mean {near}?", near
        elif self.is_open:
            return None
        elif near:
            makers = joined([one.name for one in self.producing[near]], 6)
            hint = f"{makers} produces {near}, which nobody needs: write {artifact} there, or {near} here"
        return _who_need([artifact], needing, why, hint, self._respelled(artifact, needing, meant))

    def _near(self, artifact: str, needing: list[Entry]) -> str:
        """What is like an artifact, and not produced by one of those that need it alone."""
        near = self.names.closest(artifact, self.producing.keys())
        return "" if len(self.producing.get(near, ())) == 1 and self.producing[near][0] in needing else near

    def _respelled(self, artifact: str, needing: list[Entry], meant: str) -> tuple[Edit, ...]:
        """The edits that write another name wherever an artifact is needed."""
        if meant not in self.producing or any(meant in one.needs or meant in one.produces for one in needing):
            return ()
        nodes = (one.node.at(("needs", one.needs[artifact])) for one in needing)
        return tuple(sorted({edit for node in nodes for edit in respelled(self.text, node, meant)}))

    def waiting(self) -> Iterator[Diagnostic]:
        """Modules that feed on themselves alone, and groups that wait for each other."""
        waits: dict[Entry, list[str]] = {}
        for module in self.running:
            waits[module] = []
            for artifact in module.needs:
                producers = self.producing.get(artifact, [])
                if producers == [module]:
                    yield self._self_supply(module, artifact)
                elif producers:
                    waits[module].append(artifact)
        yield from map(self._knot, knots(waits, self.running))

    def _self_supply(self, module: Entry, artifact: str) -> Diagnostic:
        message = f"needs {quoted(artifact)}, which only {module.name} itself produces"
        hint = "remove it from needs, or let another module produce it"
        if artifact in self.coming:
            message += f", and {self.coming[artifact].name}, which is coming soon"
            hint = "let a module that is not coming soon produce it, or remove it from needs"
        way = ("needs", module.needs[artifact])
        return module.tell("self-supply", way, module.node.at(way).place, message, hint)

    def _knot(self, waits: Mapping[Entry, set[str]]) -> Diagnostic:
        """One for a group of modules that wait for each other, or pass on what nobody begins with."""
        modules = _in_order(waits)
        names, needed = joined([one.name for one in modules]), sorted(set().union(*waits.values()))
        several = [name for name in needed if len(self.producing[name]) > 1]
        lost = [name for name in several if all(name in one.needs for one in self.producing[name])]
        if lost:
            it = "it" if len(lost) == 1 else "them"
            hint = f"let a module that does not need {it} produce {it}"
            needing = _in_order({one for name in lost for one in self.needing[name]})
            return _who_need(lost, needing, f"which only {names} produce, and they need {it} themselves", hint)
        each = [f"{one.name} needs {' and '.join(sorted(waits[one])[:_MOST_WAITS])}" for one in modules[:_MOST_WAITS]]
        message = f"{names} wait for each other: {'; '.join(each)}"
        hint = "let a module outside this group produce one of these, or drop a need"
        path = (*modules[0].path, "needs")
        return Diagnostic("waiting-knot", place_of(modules[0].node, "needs"), message, hint, path=path)


def _in_order(modules: Iterable[Entry]) -> list[Entry]:
    return sorted(modules, key=lambda one: int(one.path[1]))


def _who_need(
    artifacts: list[str], modules: list[Entry], why: str, hint: str, edits: tuple[Edit, ...] = ()
) -> Diagnostic:
    """One for artifacts that modules need, at the first of them that the first of the modules needs."""
    first = modules[0]
    way = ("needs", min(first.needs[name] for name in artifacts if name in first.needs))
    verb = "needs" if len(modules) == 1 else "need"
    what = f"{joined([one.name for one in modules])}: {verb} {joined([*map(quoted, artifacts)])}, {why}"
    return Diagnostic("artifact-missing", first.node.at(way).place, what, hint, edits, (*first.path, *way))
