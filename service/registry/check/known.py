"""What the whole file says: which names are taken, and which artifacts come about. Asked for by advice alone.

A suggestion must not be refused next: what is proposed for one field has to fit the others of its entry, and all other
entries. Everything here is made once for a file, when the first message asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from service.registry.artifacts import by_artifact
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.guesses import is_nothing
from service.registry.check.routes import is_own_route
from service.registry.check.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.reach import Reach
from service.registry.schema import is_name, module_conditions
from service.registry.text.nodes import Node
from service.wording import closest, joined


def known(document: CheckedDocument) -> Known:
    """What the file says as a whole."""
    if document.known is None:
        document.known = Known(document)
    made: Known = document.known
    return made


#: A suggestion compares a name with every artifact of the file, so a file full of misses gets them for the first only.
#: Comparing two names costs at most as much as the product of their lengths, once something is added to each for what
#: any name costs: of ten million such units, a second.
MOST_COMPARED = 10_000_000
ANY_NAME = 8
#: Artifacts that nobody needs, and that are compared with one that nobody begins with.
_MOST_UNNEEDED = 1_000


class Known:
    """Names and artifacts of one file whose entries were all looked at."""

    def __init__(self, document: CheckedDocument) -> None:
        # The lists, and not the document: it has this, and what refers to each other outlives its use.
        self._entries, self._removed, self._items = document.entries, document.removed, document.legacy
        self._names: dict[tuple[Entry, str], Collection[str]] = {}
        self._proposed: dict[str, Entry] = {}
        self._told: dict[str, str] = {}
        self._left = MOST_COMPARED

    def closest(self, artifact: str) -> str:
        """The artifact that comes about and is meant by another; of a file full of misses for the first only."""
        return self._closest(artifact, self.available, self._cost_of_available)

    def closest_unneeded(self, artifact: str) -> str:
        """The same of those that nobody needs."""
        return self._closest(artifact, self._unneeded, self._cost_of_unneeded)

    def _closest(self, artifact: str, names: Collection[str], cost: int) -> str:
        self._left -= (ANY_NAME + len(artifact)) * cost
        return closest(artifact, names) if self._left >= 0 else ""

    @cached_property
    def _cost_of_available(self) -> int:
        return _cost(self.available)

    @cached_property
    def _cost_of_unneeded(self) -> int:
        return _cost(self._unneeded)

    @cached_property
    def _unneeded(self) -> Sequence[str]:
        """The first artifacts that come about, and nobody needs."""
        return sorted(self.available - self.asked_for)[:_MOST_UNNEEDED]

    def makers(self, artifact: str) -> str:
        """The modules that produce an artifact, whether they run or not, in words."""
        if artifact not in self._told:
            self._told[artifact] = joined([entry.name for entry in self._makers[artifact]], 6)
        return self._told[artifact]

    @cached_property
    def _makers(self) -> Mapping[str, Sequence[Entry]]:
        return by_artifact(self.produced)

    @cached_property
    def produced(self) -> Mapping[Entry, Set[str]]:
        """What each module produces, whether it runs or not."""
        return {entry: entry.produced()[0] for entry in self._entries}

    def _has(self, owner: Entry, field: str, name: str) -> bool:
        """Whether a list of an entry has a name already."""
        if (owner, field) not in self._names:
            self._names[owner, field] = {node.value for _, node in owner.names(field)}
        return name in self._names[owner, field]

    def fits(self, owner: Entry, path: tuple[Any, ...], value: str) -> bool:
        """Whether a value could stand at a path of an entry (or of the document) without a clash with any other.

        What belongs to one module is proposed to the first only that it is asked for.
        """
        if not self._fits(owner, path, value):
            return False
        one_of_a_kind = path[2:] == ("slug",) or path[2:3] in (("api_endpoint",), ("formerly",))
        return not one_of_a_kind or self._proposed.setdefault(value, owner) is owner

    def _fits(self, owner: Entry, path: tuple[Any, ...], value: str) -> bool:
        if path[:1] == ("legacy_features",):
            return value not in self.coming and value not in self.former and value not in self._legacy
        field = path[2] if len(path) > 2 else ""
        if path[0] == "removed" and field == "slug":
            return not (self.slugs[value] or self.gone[value] or self.former[value])
        if path[0] == "removed" and field == "use":
            return self.slugs[value] > 0
        if field == "slug":
            votes = owner.flag("coming_soon") and value in self._legacy
            return not (self.slugs[value] or self.gone[value] or self.former[value] or votes)
        if field == "api_endpoint":
            return not self._endpoints[value] and not is_own_route(value) and self.state_fits(owner, {field: value})
        if field == "formerly":
            return not (self.slugs[value] or self.gone[value] or self.former[value] or value in self._legacy)
        if field == "needs":
            return value in self.available and not self._has(owner, field, value)
        if field == "produces":
            return not self._has(owner, field, value)
        if path[2:] == ("deprecated", "use"):
            slug = owner.fields.get("slug")
            return self.slugs[value] > 0 and (slug is None or slug.value != value)
        return True

    def fits_once(self, owner: Entry, path: tuple[Any, ...], value: str) -> bool:
        """Whether a value fits that is counted already, since a misspelled field is read as the one that is meant."""
        if path[-1] == "api_endpoint":
            free = self._endpoints[value] < 2 and not is_own_route(value)
            return free and self.state_fits(owner, {"api_endpoint": value})
        return self.is_free(value) if path[-1] == "slug" else True

    def is_free(self, slug: str) -> bool:
        """Whether a module could have this slug."""
        taken = self.slugs[slug] > 1 or self.gone[slug] or self.former[slug]  # once, it is who asks
        return is_name(slug) and not taken and slug not in self._legacy

    def state_fits(self, entry: Entry, changes: Mapping[str, Any], without: str = "") -> bool:
        """Whether the state of a module agrees with its other fields, with some of them changed, and one gone."""
        found = {name: node.value for name, node in entry.fields.items()} | dict(changes)
        found.pop(without, None)
        slug = entry.fields.get("slug")
        if changes.get("coming_soon") is True and slug is not None and slug.value in self._legacy:
            return False  # a module that is coming soon can be voted for already
        if changes.get("coming_soon") is True and not entry.flag("coming_soon") and self._is_needed(entry):
            return False
        several = sum(found.get(flag) is True for flag in STATE_FLAGS) > 1
        return not several and is_valid(module_conditions(), found)

    def _is_needed(self, entry: Entry) -> bool:
        """Whether nobody else produces what some module needs."""
        return any(self._made[name] == 1 and name in self.asked_for for name in self.produced[entry])

    @cached_property
    def _made(self) -> Counter[str]:
        """How many modules that are not coming soon produce each artifact."""
        running = (entry for entry in self._entries if not entry.flag("coming_soon"))
        return Counter(name for entry in running for name in self.produced[entry])

    @cached_property
    def slugs(self) -> Counter[str]:
        """How often each is a module's slug."""
        return Counter(_texts(self._entries, "slug"))

    @cached_property
    def gone(self) -> Counter[str]:
        """How often each is the slug of a removed module."""
        return Counter(_texts(self._removed, "slug"))

    @cached_property
    def former(self) -> Counter[str]:
        """How often each is a module's former slug."""
        return Counter(node.value for entry in self._entries for _, node in entry.names("formerly"))

    @cached_property
    def coming(self) -> Collection[str]:
        """The slugs of modules that are coming soon."""
        return set(_texts([entry for entry in self._entries if entry.flag("coming_soon")], "slug"))

    @cached_property
    def _legacy(self) -> Collection[str]:
        return {node.value for node in self._items}

    @cached_property
    def _endpoints(self) -> Counter[str]:
        return Counter(_texts(self._entries, "api_endpoint"))

    @cached_property
    def available(self) -> Set[str]:
        """The artifacts that come about: whoever needs one of them waits for nobody in vain."""
        running = [entry for entry in self._entries if not entry.flag("coming_soon")]
        produces = {entry: self.produced[entry] for entry in running}
        made = set().union(*produces.values())
        needs = {entry: {name if name in made else "" for name in _needs(entry)} for entry in running}
        walk = Reach(needs, produces)
        walk.start()
        return walk.there.keys()

    @cached_property
    def asked_for(self) -> Set[str]:
        """The artifacts that modules need."""
        return {node.value for entry in self._entries for _, node in entry.names("needs")}

    @cached_property
    def producers(self) -> Mapping[str, Entry]:
        """The modules by their slugs."""
        return {slug: entry for entry in self._entries if is_name(slug := _text(entry.fields.get("slug")))}


def _cost(names: Collection[str]) -> int:
    """What it costs to compare a name with these, by MOST_COMPARED."""
    return sum(ANY_NAME + len(name) for name in names)


def _needs(entry: Entry) -> Iterator[str]:
    """What a module needs; something that nobody produces, where that is not known."""
    yield from (node.value for _, node in entry.names("needs"))
    node = entry.fields.get("needs")
    if node is not None and node.value is not None and not (isinstance(node.value, str) and is_nothing(node.value)):
        items = node.value if isinstance(node.value, list) else [node.value]
        yield from () if all(map(is_name, items)) else ("",)


def _texts(entries: list[Entry], field: str) -> list[str]:
    return [text for entry in entries if (text := _text(entry.fields.get(field)))]


def _text(node: Node | None) -> str:
    return node.value if node is not None and isinstance(node.value, str) else ""
