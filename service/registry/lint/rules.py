"""What a JSON Schema cannot say, since it looks at one entry: uniqueness, the vote allow-list, former slugs, ends.

Each rule is one function that yields a Diagnostic for every break. They look at a file in which every mistake that was
told is mended, or left open (UNKNOWN): of what is open, nothing is said.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from service.problems import Diagnostic, Edit
from service.registry.graph import by_artifact, knots
from service.registry.lint.names import Names, is_own_route, names_in
from service.registry.lint.nodes import UNKNOWN, Node, Path, fields, is_true, items, text_of
from service.registry.lint.shape import name_of, place_of
from service.registry.lint.values import item_removed, said
from service.registry.schema import is_name
from service.wording import joined, quoted

#: Modules of a knot, and artifacts of each, that its message tells in full.
_MOST_WAITS = 10


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of a file, with the path that leads to it."""

    node: Node
    path: Path

    @cached_property
    def name(self) -> str:
        """How messages call it."""
        return name_of(self.node, self.path)

    @cached_property
    def slug(self) -> str:
        """Its slug; empty where that is not known."""
        return text_of(self.node, "slug")

    @cached_property
    def needs(self) -> dict[str, int]:
        """The artifacts that it needs, each with its number in the list."""
        listed = items(fields(self.node).get("needs"))
        return {node.value: number for number, node in enumerate(listed) if isinstance(node.value, str)}

    @cached_property
    def produces(self) -> frozenset[str]:
        """The artifacts that it produces."""
        return frozenset(node.value for node in names_in(self.node, "produces"))

    def find(self, field: str) -> Node | None:
        """A field's value, or that of one inside of it, such as `label.fr`; None where it is not there."""
        node: Node | None = self.node
        for name in field.split("."):
            node = fields(node).get(name)
        return node

    def at(self, field: str) -> int:
        """The offset of a field's value, or where an alias or a merge has it from."""
        if self.node.used_at is not None or field in self.node.merged:
            return place_of(self.node, field)
        return fields(self.node)[field].place

    def tell(
        self, rule: str, field: str, message: str, hint: str, place: int | None = None, edits: tuple[Edit, ...] = ()
    ) -> Diagnostic:
        """A rule that a field breaks, at its value or at another place."""
        place = (self.find(field) or self.node).offset if place is None else place
        return Diagnostic(rule, place, f"{self.name}: {message}", hint, edits, (*self.path, *field.split(".")))


@dataclass(eq=False)
class Document:
    """A file that is mended as far as possible: `line` counts the lines of what people see.

    `is_whole` says that all of it was read, so that what is not there is nowhere.
    """

    root: Node
    text: str
    line: Callable[[int], int]
    is_whole: bool = True

    def __post_init__(self) -> None:
        self.modules, self.removed = self._entries("modules"), self._entries("removed")

    def _entries(self, section: str) -> list[Entry]:
        """The entries of a list that are mappings."""
        listed = items(fields(self.root).get(section))
        return [Entry(node, (section, number)) for number, node in enumerate(listed) if isinstance(node.value, dict)]

    @cached_property
    def names(self) -> Names:
        """The names of the file."""
        return Names(self.root)

    def is_open(self, field: str) -> bool:
        """Whether a module, or this field of one, could not be read."""
        modules = fields(self.root).get("modules", self.root)
        lists = [fields(node).get(field, node) for node in items(modules)]
        parts = chain([modules], items(modules), lists, chain.from_iterable(map(items, lists)))
        return not self.is_whole or any(node.value is UNKNOWN or node.is_open for node in parts)


def check(document: Document) -> Iterator[Diagnostic]:
    """Every break of a rule across the entries of one file."""
    yield from unique(document, [*document.removed, *document.modules], "slug", "duplicate-slug")
    yield from unique(document, document.modules, "api_endpoint", "duplicate-endpoint")
    for rule in (own_route, legacy_coming_soon, former_slugs, days_in_order, successors, supply):
        yield from rule(document)


def unique(document: Document, entries: list[Entry], field: str, rule: str) -> Iterator[Diagnostic]:
    """A slug and an endpoint belong to one module each, and a slug to one that is gone for good, as clients hold it.

    Of entries that are pasted a second time, the first is told.
    """
    first: dict[str, Entry] = {}
    was_copy = False
    for entry in entries:
        value = text_of(entry.node, field)
        earlier = first.setdefault(value, entry) if value else entry
        is_copy = earlier is not entry and earlier.node.value == entry.node.value
        if earlier is not entry and not (is_copy and was_copy) and (field == "slug" or earlier.slug != entry.slug):
            yield _taken(document, entry, earlier, field, rule)
        was_copy = is_copy


def _taken(document: Document, entry: Entry, earlier: Entry, field: str, rule: str) -> Diagnostic:
    """A slug or an endpoint that an earlier entry has."""
    value, line = quoted(text_of(entry.node, field)), document.line(earlier.at(field))
    owner = "" if field == "slug" else f" ({earlier.name})"
    message, hint = f"{field} {value} is already taken on line {line}{owner}", "give each module its own"
    if entry.node.used_at is not None:
        hint = f"an alias repeats all of {earlier.name}: remove it, or write - <<: with the alias, and what differs"
    elif field in entry.node.merged:
        hint = f"it came by the merge: write {field} beside << as well"
    elif earlier.path[0] == "removed":
        message, hint, rule = f"{message} ({earlier.name})", "a removed module keeps its slug", "removed-for-good"
    elif earlier.node.value == entry.node.value and len(entry.node.children) > 1:
        message = f"the same module stands in the file already, on line {line}"
        hint = "delete it, and whatever is pasted with it, or make another module of it, with a slug of its own"
    return entry.tell(rule, field, message, hint, entry.at(field))


def own_route(document: Document) -> Iterator[Diagnostic]:
    """A module's endpoint must not hide, or be hidden by, a route of this service."""
    for entry in document.modules:
        if is_own_route(value := text_of(entry.node, "api_endpoint")):
            message = f"api_endpoint {quoted(value)} is a route of the registry service itself"
            yield entry.tell("own-route", "api_endpoint", message, "choose another path", entry.at("api_endpoint"))


def legacy_coming_soon(document: Document) -> Iterator[Diagnostic]:
    """A legacy id stands for a feature that is no longer coming soon, so it cannot be a coming-soon slug."""
    coming = {entry.slug: entry for entry in document.modules if is_true(entry.node, "coming_soon")}
    listed = fields(document.root).get("legacy_features", document.root)
    for number, node in enumerate(items(listed)):
        if isinstance(node.value, str) and node.value in coming:
            line = document.line(coming[node.value].at("slug"))
            message = f"legacy_features lists {quoted(node.value)}, which is the coming-soon module on line {line}"
            hint = "a coming-soon module can be voted for already: remove the legacy id"
            edits = item_removed(document.text, listed, number)
            yield Diagnostic("legacy-coming-soon", node.place, message, hint, edits, ("legacy_features", number))


def former_slugs(document: Document) -> Iterator[Diagnostic]:
    """Former slugs that are in use elsewhere, and modules that are each other's former selves."""
    former = [(entry, node) for entry in document.modules for node in names_in(entry.node, "formerly")]
    pairs = {(entry.slug, node.value) for entry, node in former}
    users = _users(document, former)
    for entry, node in former:
        user, offset, other = users[node.value]
        if other is not None and (node.value, entry.slug) in pairs:
            message = f"{entry.name} and {other.name} are each other's former slugs"
            if other is entry:
                message = f"{entry.name}: formerly lists the module's own slug"
            place, path = place_of(entry.node, "formerly"), (*entry.path, "formerly")
            hint = "formerly lists slugs that are no longer used: remove it"
            if other.path >= entry.path:
                yield Diagnostic("formerly-loop", place, message, hint, path=path)
        elif other is None or other.slug != entry.slug:  # else it is a pasted entry
            yield _in_use(entry, node, f"{user} on line {document.line(offset)}")


def _users(document: Document, former: list[tuple[Entry, Node]]) -> dict[str, tuple[str, int, Entry | None]]:
    """What each name that is in use stands for, where, and of which module: of several, what comes last here."""
    legacy = items(fields(document.root).get("legacy_features"))
    users: list[tuple[str, tuple[str, int, Entry | None]]] = [
        *((each.slug, ("is the slug of a module", each.at("slug"), each)) for each in document.modules if each.slug),
        *((each.slug, ("is the slug of a removed module", each.node.offset, None)) for each in document.removed),
        *((node.value, ("is among legacy_features", node.offset, None)) for node in legacy if is_name(node.value)),
        *((node.value, (f"is a former slug of {each.name}", node.offset, each)) for each, node in former),
    ]
    return dict(reversed(users))


def _in_use(entry: Entry, node: Node, user: str) -> Diagnostic:
    place, hint = node.place, "a former slug belongs to one module and is not in use any more: remove one of the two"
    if "formerly" in entry.node.merged:
        place, hint = entry.at("formerly"), "it came by the merge: write formerly: [] beside << as well"
    rule = "removed-for-good" if "removed" in user else "formerly-in-use"
    return entry.tell(rule, "formerly", f"formerly lists {quoted(node.value)}, which {user}", hint, place)


def days_in_order(document: Document) -> Iterator[Diagnostic]:
    """A module cannot be removed before it was said that it will be."""
    for entry in document.modules:
        end = fields(entry.node).get("deprecated", entry.node)
        since, after = text_of(end, "since"), text_of(end, "removed_after")
        if since and after and after < since:
            message = f"deprecated.removed_after {after} is before since {since}"
            hint = "give it the same day or a later one, or let the two days change places"
            place = fields(end)["removed_after"].place
            yield entry.tell("days-in-order", "deprecated.removed_after", message, hint, place)


def successors(document: Document) -> Iterator[Diagnostic]:
    """What to use instead is another module of the file."""
    is_open = document.is_open("slug")
    for entry in (*document.modules, *document.removed):
        field = "use" if entry.path[0] == "removed" else "deprecated.use"
        node = entry.find(field)
        if node is None or not isinstance(node.value, str):
            continue
        if node.value == entry.slug or node.value not in document.names.slugs:
            meant = _meant(document.names, entry, node.value)
            if meant or not (is_open or "" in document.names.slugs):  # else it may be that of what could not be read
                what = "names the module itself" if node.value == entry.slug else "is no module's slug"
                message = f"{field} {quoted(node.value)} {what}"
                hint = f"did you mean {meant}?" if meant else "name another module of this file, or write null"
                edits = respelled(document.text, node, meant) if meant else ()
                yield entry.tell("successor-unknown", field, message, hint, node.place, edits)


def _meant(names: Names, entry: Entry, name: str) -> str:
    """The slug that is meant by one to use instead; empty where nobody knows."""
    current = names.former.get(name, entry.slug)
    if current != entry.slug:
        return current
    return "null" if said("nothing", name) else names.closest(name, names.slugs, entry.slug)


def respelled(text: str, node: Node, meant: str) -> tuple[Edit, ...]:
    """The edits that write another name where a name stands, in its quotes."""
    start = text.find(node.text, node.offset, node.end) if node.used_at is None else -1
    return (Edit(start, start + len(node.text), meant),) if start >= 0 else ()


def supply(document: Document) -> Iterator[Diagnostic]:
    """What a module needs must come from somewhere, and waiting must end."""
    supplied = _Supply(document)
    yield from supplied.missing()
    if not supplied.is_open:
        yield from supplied.waiting()


class _Supply:
    """Who produces what, in one file. `is_open` says that something of it could not be read: it may produce what seems
    to be missing, so only a misspelling is told then.
    """

    def __init__(self, document: Document) -> None:
        self.text, self.names, self.modules = document.text, document.names, document.modules
        self.running = {entry: entry.produces for entry in self.modules if not is_true(entry.node, "coming_soon")}
        self.producing = by_artifact(self.running)
        self.needing = by_artifact({entry: entry.needs for entry in self.modules})
        self.coming = {name: entry for entry in self.modules if entry not in self.running for name in entry.produces}
        self.by_slug = {entry.slug: entry for entry in self.modules}
        self.is_open = document.is_open("produces")

    def missing(self) -> Iterator[Diagnostic]:
        """One for each artifact that nobody produces, and one for all that a coming-soon module alone produces."""
        awaited: dict[Entry, list[str]] = defaultdict(list)
        for artifact, needing in self.needing.items():
            if artifact in self.producing:
                continue
            if artifact in self.coming:
                awaited[self.coming[artifact]].append(artifact)
            elif diagnostic := self._lacking(artifact, needing):
                yield diagnostic
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
            makers = joined([entry.name for entry in self.producing[near]], 6)
            hint = f"{makers} produces {near}, which nobody needs: write {artifact} there, or {near} here"
        return _who_need([artifact], needing, why, hint, self._respelled(artifact, needing, meant))

    def _near(self, artifact: str, needing: list[Entry]) -> str:
        """What is like an artifact, and not produced by one of those that need it alone."""
        near = self.names.closest(artifact, self.producing.keys())
        return "" if len(self.producing.get(near, ())) == 1 and self.producing[near][0] in needing else near

    def _respelled(self, artifact: str, needing: list[Entry], meant: str) -> tuple[Edit, ...]:
        """The edits that write another name wherever an artifact is needed."""
        if meant not in self.producing or any(meant in entry.needs or meant in entry.produces for entry in needing):
            return ()
        nodes = (entry.node.at(("needs", entry.needs[artifact])) for entry in needing)
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
        message = f"{module.name}: needs {quoted(artifact)}, which only {module.name} itself produces"
        hint = "remove it from needs, or let another module produce it"
        if artifact in self.coming:
            message += f", and {self.coming[artifact].name}, which is coming soon"
            hint = "let a module that is not coming soon produce it, or remove it from needs"
        way = ("needs", module.needs[artifact])
        return Diagnostic("self-supply", module.node.at(way).place, message, hint, path=(*module.path, *way))

    def _knot(self, waits: Mapping[Entry, set[str]]) -> Diagnostic:
        """One for a group of modules that wait for each other, or pass on what nobody begins with."""
        modules = _in_order(waits)
        names, needed = joined([each.name for each in modules]), sorted(set().union(*waits.values()))
        several = [name for name in needed if len(self.producing[name]) > 1]
        lost = [name for name in several if all(name in each.needs for each in self.producing[name])]
        if lost:
            it = "it" if len(lost) == 1 else "them"
            hint = f"let a module that does not need {it} produce {it}"
            needing = _in_order({each for name in lost for each in self.needing[name]})
            return _who_need(lost, needing, f"which only {names} produce, and they need {it} themselves", hint)
        each = [f"{own.name} needs {' and '.join(sorted(waits[own])[:_MOST_WAITS])}" for own in modules[:_MOST_WAITS]]
        message = f"{names} wait for each other: {'; '.join(each)}"
        hint = "let a module outside this group produce one of these, or drop a need"
        path = (*modules[0].path, "needs")
        return Diagnostic("waiting-knot", place_of(modules[0].node, "needs"), message, hint, path=path)


def _in_order(modules: Iterable[Entry]) -> list[Entry]:
    return sorted(modules, key=lambda entry: int(entry.path[1]))


def _who_need(
    artifacts: list[str], modules: list[Entry], why: str, hint: str, edits: tuple[Edit, ...] = ()
) -> Diagnostic:
    """One for artifacts that modules need, at the first of them that the first of the modules needs."""
    first = modules[0]
    way = ("needs", min(first.needs[name] for name in artifacts if name in first.needs))
    verb = "needs" if len(modules) == 1 else "need"
    what = f"{joined([entry.name for entry in modules])}: {verb} {joined([*map(quoted, artifacts)])}, {why}"
    return Diagnostic("artifact-missing", first.node.at(way).place, what, hint, edits, (*first.path, *way))
