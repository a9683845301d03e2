"""The names of a whole file: which of them are taken, and which a name may be meant for.

A suggestion must not be refused next: what is proposed for one field has to fit all other entries.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from service.registry.lint.nodes import Node, fields, is_true, items, text_of
from service.registry.schema import is_name
from service.wording import closest

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
    """Whether this service answers there itself."""
    return _OWN.fullmatch(path) is not None


#: Comparing two names costs at most as much as the product of their lengths, once something is added to each for what
#: any name costs: of ten million such units, a second. A file full of misses gets suggestions for the first only.
_MOST_COMPARED, _ANY_NAME, _USUAL_NAME = 10_000_000, 8, 12


def names_in(entry: Node, field: str) -> Iterator[Node]:
    """The well-formed names in a list such as `needs`."""
    yield from (item for item in items(fields(entry).get(field)) if is_name(item.value))


class Names:
    """Names and artifacts of a file, as far as it could be read.

    `slugs` are those of its modules, `former` has the slug by now of each former one, `produced` and `needed` the
    artifacts of modules that are not coming soon, and of all.
    """

    def __init__(self, root: Node | None) -> None:
        top = fields(root)
        entries = [node for node in items(top.get("modules")) if isinstance(node.value, dict)]
        self.slugs, self.needed = _texts(entries, "slug"), _all(entries, "needs")
        self.former = {name.value: text_of(node, "slug") for node in entries for name in names_in(node, "formerly")}
        legacy = {node.value for node in items(top.get("legacy_features")) if isinstance(node.value, str)}
        running = [node for node in entries if not is_true(node, "coming_soon")]
        self.produced = _all(running, "produces")
        taken = self.slugs | self.former.keys() | _texts(items(top.get("removed")), "slug")
        self._taken = {
            "legacy_features": (self.slugs - _texts(running, "slug")) | self.former.keys() | legacy,
            "slug": taken,
            "formerly": taken | legacy,
            "api_endpoint": _texts(entries, "api_endpoint"),
        }
        self._left = _MOST_COMPARED

    def fits(self, field: str, value: str, entry: Node) -> bool:
        """Whether a value could stand in a field of an entry, or in the list that it is, without a clash."""
        if field == "use":
            return value in self.slugs and text_of(entry, "slug") != value
        if field in ("needs", "produces"):
            is_listed = any(node.value == value for node in names_in(entry, field))
            return not is_listed and (field == "produces" or value in self.produced)
        return value not in self._taken.get(field, ()) and not (field == "api_endpoint" and is_own_route(value))

    def has(self, field: str, name: str) -> bool:
        """Whether a name is known already on the other side: as what is needed, or is produced."""
        return name in {"produces": self.needed, "needs": self.produced}.get(field, self.slugs)

    def closest(self, name: str, known: Collection[str], but: str = "") -> str:
        """The known name that is most like another, `but` aside; of a file full of misses for the first only."""
        self._left -= (_ANY_NAME + len(name)) * (_ANY_NAME + _USUAL_NAME) * len(known)
        return closest(name, {*known} - {but}) if self._left >= 0 else ""


def _all(entries: list[Node], field: str) -> set[str]:
    return {node.value for node in chain.from_iterable(names_in(entry, field) for entry in entries)}


def _texts(entries: Iterable[Node], field: str) -> set[str]:
    return {text_of(entry, field) for entry in entries}
