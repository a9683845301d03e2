"""Where a registry file says the names of modules and artifacts: what a rename must change, and an editor leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from service.registry.lint.nodes import Node, fields, items
from service.registry.schema import is_name

#: What a name is said for: a slug that a module has or had, or that leads to one, and an artifact by either side.
Role = Literal["slug", "formerly", "use", "legacy", "removed", "needs", "produces"]

#: The roles in which a name is an artifact's.
ARTIFACT_ROLES = ("needs", "produces")
#: The fields with several names.
_LISTS: tuple[Role, ...] = ("formerly", "needs", "produces")

#: What may stand before a scalar's text: an anchor, a tag, a quote.
_BEFORE = re.compile(r"""(?:[&!]\S*[ \t]+){0,2}["']?""")


class Mention(NamedTuple):
    """A name where it is written: the characters `start` to `end` of the text, without quotes."""

    role: Role
    name: str
    start: int
    end: int
    entry: Node
    """The module that says it, the removed one, or the whole document."""

    @property
    def is_artifact(self) -> bool:
        """Whether it names an artifact, and not a module."""
        return self.role in ARTIFACT_ROLES


def mentions(root: Node, text: str) -> list[Mention]:
    """Every well-formed name in a composed file, in the order of the text, each place once.

    `text` is what the file was composed from. What an alias repeats stands where its anchor is.
    """
    found = {mention.start: mention for mention in _found(root, text)}
    return [found[start] for start in sorted(found)]


def _found(root: Node, text: str) -> Iterator[Mention]:
    top = fields(root)
    for entry in items(top.get("modules")):
        yield from _of_entry(entry, text, "slug")
    for entry in items(top.get("removed")):
        yield from _of_entry(entry, text, "removed")
    yield from _mentions("legacy", items(top.get("legacy_features")), text, root)


def _of_entry(entry: Node, text: str, role: Role) -> Iterator[Mention]:
    own = fields(entry)
    yield from _mentions(role, [own.get("slug")], text, entry)
    yield from _mentions("use", [own.get("use"), fields(own.get("deprecated")).get("use")], text, entry)
    for listed in _LISTS:
        yield from _mentions(listed, items(own.get(listed)), text, entry)


def _mentions(role: Role, nodes: Sequence[Node | None], text: str, entry: Node) -> Iterator[Mention]:
    for node in filter(None, nodes):
        start = _BEFORE.match(text, node.offset).end()  # type: ignore[union-attr]  # it matches anything
        if is_name(node.value) and text.startswith(node.value, start):
            yield Mention(role, node.value, start, start + len(node.value), entry)
