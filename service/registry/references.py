"""Where a registry file says the names of modules and artifacts: what a rename must change, and an editor leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from service.registry.schema import is_name
from service.registry.text.nodes import Node

#: What a name is said for: a slug that a module has or had, or that leads to one, and an artifact by either side.
Role = Literal["slug", "formerly", "use", "legacy", "removed", "needs", "produces"]

#: The roles in which a name is an artifact's.
ARTIFACT_ROLES = ("needs", "produces")

#: What may stand before a scalar's text: an anchor, a tag, a quote.
_BEFORE = re.compile(r"""(?:[&!]\S*[ \t]+){0,2}["']?""")


@dataclass(frozen=True, slots=True)
class Mention:
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


def fields(node: Node) -> Mapping[str, Node]:
    """The fields of a mapping; none of anything else."""
    return node.children if isinstance(node.children, dict) else {}


def items(node: Node | None) -> list[Node]:
    """The items of a list; none of anything else."""
    return node.children if node is not None and isinstance(node.children, list) else []


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
    for item in items(top.get("legacy_features")):
        yield from _mention("legacy", item, text, root)


def _of_entry(entry: Node, text: str, role: Role) -> Iterator[Mention]:
    own = fields(entry)
    for name, said in (("slug", role), ("use", "use")):
        if name in own:
            yield from _mention(said, own[name], text, entry)
    if "deprecated" in own and "use" in fields(own["deprecated"]):
        yield from _mention("use", fields(own["deprecated"])["use"], text, entry)
    for listed in ("formerly", "needs", "produces"):
        for item in items(own.get(listed)):
            yield from _mention(listed, item, text, entry)


def _mention(role: Role, node: Node, text: str, entry: Node) -> Iterator[Mention]:
    before = _BEFORE.match(text, node.offset)
    start = before.end() if before else node.offset
    if is_name(node.value) and text.startswith(node.value, start):
        yield Mention(role, node.value, start, start + len(node.value), entry)
