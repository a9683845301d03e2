"""The names of a whole file: the names that are taken, and the known name that a misspelled name is closest to.

A suggested name must not break another rule, so a suggestion has to fit all other entries.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from service.registry.lint.nodes import Node, fields, is_true, items, text_of
from service.registry.schema import is_name
from service.wording import closest, is_one_slip

#: This service's own paths below /api, which no module may claim. A test compares them with the routes.
OWN_ROUTES = (
    "/api/modules-registry",
    "/api/modules",
    "/api/modules/{slug}",
    "/api/pipelines/plan",
    "/api/changes",
    "/api/features",
    "/api/features/{feature_id}/interest",
    "/api/features/{feature_id}/interest/reason",
    "/api/features/{feature_id}/voters",
    "/api/admin/uses",
    "/api/me",
    "/api/me/locale",
    "/api/me/votes",
    "/api/me/shipped/{slug}",
    "/api/me/vote-intent",
    "/api/feedback",
    "/api/feedback/{thread_id}",
    "/api/feedback/{thread_id}/messages",
    "/api/feedback/{thread_id}/read",
    "/api/admin/feedback",
)
_OWN = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", route) for route in OWN_ROUTES))


def is_own_route(path: str) -> bool:
    """Whether a path is a route of this service."""
    return _OWN.fullmatch(path) is not None


#: To compare two names costs at most the product of their lengths, with a fixed cost added to each length. Ten million
#: such units take a second. In a file full of misspelled names, only the first get suggestions.
_MOST_COMPARED, _ANY_NAME, _USUAL_NAME = 10_000_000, 8, 12


def names_in(entry: Node, field: str) -> Iterator[Node]:
    """Yield the well-formed names in a list such as `needs`."""
    yield from (item for item in items(fields(entry).get(field)) if is_name(item.value))


class Names:
    """Names and artifacts of a file, as far as it could be read.

    `slugs` are the slugs of the modules. `former` maps each former slug to the current slug. `produced` are the
    artifacts that modules produce which are not coming soon, and `needed` the artifacts that any module needs.
    """

    def __init__(self, root: Node | None) -> None:
        top = fields(root)
        entries = [node for node in items(top.get("modules")) if isinstance(node.value, dict)]
        self.slugs, self.needed = _list_texts(entries, "slug"), _list_names(entries, "needs")
        self.former = {name.value: text_of(node, "slug") for node in entries for name in names_in(node, "formerly")}
        legacy = {node.value for node in items(top.get("legacy_features")) if isinstance(node.value, str)}
        running = [node for node in entries if not is_true(node, "coming_soon")]
        self.produced = _list_names(running, "produces")
        taken = self.slugs | self.former.keys() | _list_texts(items(top.get("removed")), "slug")
        self._taken = {
            "legacy_features": (self.slugs - _list_texts(running, "slug")) | self.former.keys() | legacy,
            "slug": taken,
            "formerly": taken | legacy,
            "api_endpoint": _list_texts(entries, "api_endpoint"),
        }
        self._left = _MOST_COMPARED

    def fits(self, field: str, value: str, entry: Node) -> bool:
        """Whether a field of an entry, or the list in it, may get a value without a clash."""
        if field == "use":
            return value in self.slugs and text_of(entry, "slug") != value
        if field in ("needs", "produces"):
            is_listed = any(node.value == value for node in names_in(entry, field))
            return not is_listed and (field == "produces" or value in self.produced)
        return value not in self._taken.get(field, ()) and not (field == "api_endpoint" and is_own_route(value))

    def has(self, field: str, name: str) -> bool:
        """Whether a name is known on the other side: a produced name as needed, a needed name as produced."""
        return name in {"produces": self.needed, "needs": self.produced}.get(field, self.slugs)

    def find_closest(self, name: str, known: Collection[str], own: str = "") -> str:
        """Return the known name that is closest to a name, and is not `own`; empty once too many were compared."""
        self._left -= (_ANY_NAME + len(name)) * (_ANY_NAME + _USUAL_NAME) * len(known)
        return closest(name, {*known} - {own}) if self._left >= 0 else ""


def _list_names(entries: list[Node], field: str) -> set[str]:
    return {node.value for node in chain.from_iterable(names_in(entry, field) for entry in entries)}


def _list_texts(entries: Iterable[Node], field: str) -> set[str]:
    return {text_of(entry, field) for entry in entries}


#: Shorter names are like many others, so only their plurals count. Longer texts are no names, and may be megabytes.
_SHORTEST, _LONGEST = 5, 128
#: Letters of all names that are compared, from the first name on: those of ten thousand modules with fifteen letters.
_MOST_LETTERS = 300_000
_MOST_PER_KEY = 4  # names that are compared


class Similar:
    """Names, in which a name can be found that is one letter away from another.

    Each name is stored under each text that is left of it without one letter (as SymSpell does). So a search takes as
    many steps as the name has letters. Names that differ by a digit are numbered on purpose, and not similar.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[int, list[str]] = {}
        self._left = _MOST_LETTERS
        for name in sorted(names):
            self.add(name)

    def add(self, name: str) -> None:
        """Add a name."""
        for key in self._make_keys(name):
            names = self._by_key.setdefault(key, [])
            if len(names) < _MOST_PER_KEY:
                names.append(name)

    def find(self, name: str) -> str | None:
        """Return an added name that is one letter away from a name."""
        candidates = (other for key in self._make_keys(name) for other in self._by_key.get(key, ()))
        return next((other for other in candidates if _is_one_apart(name, other)), None)

    def _make_keys(self, name: str) -> list[int]:
        """Return the hashes of a name, and of the name without each letter; none if the name is not compared."""
        self._left -= min(len(name), _LONGEST)
        if len(name) > _LONGEST or self._left < 0:
            return []
        if len(name) < _SHORTEST:
            return [hash(name), hash(name.removesuffix("s"))]
        return [hash(name), *(hash(name[:at] + name[at + 1 :]) for at in range(len(name)))]


def _is_one_apart(name: str, other: str) -> bool:
    """Whether two different names differ by one slip, which is not in a number."""
    if min(len(name), len(other)) < _SHORTEST:
        return name == f"{other}s" or other == f"{name}s"
    return name != other and re.sub(r"\D", "", name) == re.sub(r"\D", "", other) and is_one_slip(name, other)
