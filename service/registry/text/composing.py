"""The parser's events -> values with their places, and what is unsafe or ambiguous among them.

They are composed here rather than by PyYAML: that is faster, keeps a place for every value, and lets duplicate keys,
alias bombs and unknown tags be reported side by side instead of one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from service.problems import Edit
from service.registry.schema import is_name
from service.registry.text.again import second_document
from service.registry.text.items import JOINED
from service.registry.text.lines import OPENED, top_keys
from service.registry.text.mappings import Fields
from service.registry.text.misreadings import (
    OTHER_FILES,
    Misreadings,
    not_allowed,
    tears,
)
from service.registry.text.no_anchor import Aliases
from service.registry.text.nodes import (
    LINE_BREAK,
    MAX_VALUES,
    UNKNOWN,
    Abandoned,
    Finding,
    ImplicitScalar,
    Node,
    SourceMap,
    said,
)
from service.registry.text.patch import UNREAD
from service.registry.text.reading import MAX_ITEMS, Reading
from service.registry.text.recovery import Recovery
from service.registry.text.rewriting import tag_removed
from service.wording import shortened

#: How deep values may be nested in a file, in levels.
MAX_DEPTH = 32

_TAG = "tag:yaml.org,2002:"
_TRUE = ("yes", "true", "on")
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date", "value": "a special value"}
#: What plain text may be read as, by its first character, and what text is read so.
_IMPLICIT: dict[str, list[tuple[str, Callable[[str], object]]]] = {
    first: [(tag.removeprefix(_TAG), pattern.match) for tag, pattern in found]
    for first, found in Resolver.yaml_implicit_resolvers.items()
}
#: Text of this length counts as one more value where an alias repeats it, in characters.
_LONG_TEXT = 64

_TOO_MANY_ITEMS = said(f"this list has more than {MAX_ITEMS:,} entries", "remove what does not belong")
_TOO_MANY_VALUES = said(f"the file has more than {MAX_VALUES:,} values", "remove what does not belong")


def _resolved(text: str) -> str:
    """What YAML 1.1 reads plain text as."""
    for kind, matches in _IMPLICIT.get(text[:1], ()):
        if matches(text):
            return kind
    return "str"


#: Yields the first event of each collection in a collection, is sent what that is, and returns the whole.
_Composing = Generator[Any, Any, Any]


class Composer(Reading):
    """One pass over the parser's events. `findings` collects what is wrong on the way."""

    def __init__(self, recovery: Recovery, source_map: SourceMap) -> None:
        super().__init__(recovery.patch, source_map)
        self.recovery, self.lost = recovery, recovery.lost
        self.aliases = Aliases(self.patch, source_map, self.anchors)
        self.unfinished: set[int] = set()
        recovery.values = 0
        self.events: Iterator[Any] = iter(yaml.CSafeLoader(self.patch.text).get_event, None)

    def document(self) -> Node | None:
        """The first document's root, or None where there is none or it could not be composed.

        Raises yaml.MarkedYAMLError where the text is no YAML.
        """
        try:
            next(self.events)  # stream start
            if isinstance(next(self.events), yaml.StreamEndEvent):
                if any(one.rule != "encoding" or not one.fix() for one in self.recovery.findings):
                    return None  # all that there was is told, and taken out
                self.found(0, "empty", said("the file has no content", "write modules: and a list of modules under it"))
                return None
            root = self.node(next(self.events))
            next(self.events)  # document end
            after = next(self.events)
            if not isinstance(after, yaml.StreamEndEvent) and self.is_front_matter(root, after):
                root = self.without_front_matter(after)
                next(self.events)
                after = next(self.events)
            if not isinstance(after, yaml.StreamEndEvent):
                torn = tears(self.patch.text, after.start_mark.index)
                if torn and self.recovery.may_go_on():
                    raise torn
                self.findings.add(second_document(self.patch, self.source_map, self.at(after)))
                self.read_on()
            for finding in self.misreadings.findings():
                self.findings.add(finding)
        except Abandoned:
            return None
        return root

    def is_front_matter(self, root: Node, after: Any) -> bool:
        """Whether the first document is none of a registry, and the second, which begins with an event, is one."""
        text = self.patch.text
        return (
            text.startswith("---")
            and isinstance(root.value, dict)
            and not root.value.keys() & top_keys()
            and re.compile("^modules *:", re.MULTILINE).search(text, after.start_mark.index) is not None
        )

    def without_front_matter(self, after: Any) -> Node:
        """The second document."""
        at = self.at(after)
        end = LINE_BREAK.search(self.patch.original, at)
        message = f"the file begins with front matter, lines 1 to {self.source_map.position(at)[0]}, as a page has it"
        fix = Edit(0, end.end() if end else at + 3, "")
        self.findings[:] = []
        self.misreadings = Misreadings(self.patch, self.source_map)
        words = said(message, "a registry has none: remove these lines")
        self.findings.add(Finding(0, "second-document", words, fix=lambda: [fix]))
        self.anchors.clear()
        return self.node(next(self.events))

    def read_on(self) -> None:
        """Look for a syntax error further on, as deep as a document may be: every open level costs at every token."""
        depth = 0
        for event in islice(self.events, MAX_VALUES):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                return

    def node(self, event: Any) -> Node:
        """The value that begins with an event.

        Collections that are not at their end wait in a list, and not in calls of each other: CPython gives 16 KiB for
        the frames of calls at a time, and where nested ones end at the end of that, takes and returns 16 KiB at each
        further call, which can be all of the time that a file takes.
        """
        node = self.leaf(event, 1)
        if node is not None:
            return node
        waiting = [self.collection(event, 1)]
        done: Node | None = None
        while waiting:
            try:
                event = waiting[-1].send(done)
            except StopIteration as end:
                waiting.pop()
                done = end.value
            else:
                waiting.append(self.collection(event, len(waiting) + 1))
                done = None
        assert done is not None
        return done

    def leaf(self, event: Any, depth: int) -> Node | None:
        """A scalar, or what an alias stands for; None where a collection begins."""
        self.recovery.values += 1
        if self.recovery.values > MAX_VALUES:
            self.too_much(self.at(event), _TOO_MANY_VALUES)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, self.at(event), depth)
        if depth > MAX_DEPTH:
            self.too_deep(self.at(event))
        if not isinstance(event, yaml.ScalarEvent):
            return None
        node = self.scalar(event)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def collection(self, event: Any, depth: int) -> _Composing:
        """A mapping or a list, from its first event on: is sent the collections in it, for the events it yields."""
        node = Node(self.at(event))
        self.unfinished.add(id(node))
        if event.anchor:
            self.anchors[event.anchor] = node
        if isinstance(event, yaml.MappingStartEvent):
            self.tagged(event, "map")
            yield from self.mapping(node, depth)
        else:
            self.tagged(event, "seq")
            yield from self.sequence(node, depth)
        self.unfinished.discard(id(node))
        return node

    def too_deep(self, offset: int) -> NoReturn:
        self.abandon(
            offset, "nesting", f"values are nested deeper than {MAX_DEPTH} levels", "a registry needs no more than four"
        )

    def alias(self, event: Any, offset: int, depth: int) -> Node:
        name = event.anchor
        node = self.anchors.get(name)
        if node is None:
            if name not in self.lost:
                self.findings.add(self.aliases.no_anchor(name, offset, self.is_text(), self.path))
            return Node(offset, UNKNOWN, self.end(event))
        if id(node) in self.unfinished:
            message = f"the alias *{shortened(name)} stands inside its own anchor"
            self.abandon(offset, "alias", message, "write the value out")
        self.expanded(offset, node.size)
        if depth + node.depth - 1 > MAX_DEPTH:
            self.too_deep(offset)
        return replace(node, used_at=offset, end=self.end(event))

    def tagged(self, event: Any, expected: str) -> None:
        if event.tag not in (None, "!", _TAG + expected):
            self.unknown_tag(event)

    def unknown_tag(self, event: Any) -> None:
        if event.tag[:1] == "!" and self.is_marked_name(event, event.tag[1:]):
            self.findings.add(self.misreadings.marked_name("!", event.tag[1:], self.at(event), self.path))
            return
        text = event.value if isinstance(event, yaml.ScalarEvent) and self.is_text() else None
        self.found(self.at(event), "unknown-tag", partial(not_allowed, event.tag, text))
        if text is None:  # else what is meant may be text that begins with !
            self.findings[-1].fix = partial(tag_removed, self.text, self.at(event))

    def is_marked_name(self, event: Any, name: str) -> bool:
        """Whether a tag or an anchor with nothing behind it may be meant for a value: a name, where one belongs."""
        is_value = self.path[2:] and self.path[-1] not in OPENED["{"]
        is_nothing = isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
        return is_nothing and is_name(name) and not self.is_text() and bool(is_value)

    def scalar(self, event: Any) -> Node:
        text, tag = event.value, event.tag
        if self.patch.edits and tag == UNREAD[2:-1]:
            return replace(self.unknown(event), cut=True)
        if event.anchor and event.implicit[0] and self.is_text() and self.misreadings.is_no_anchor(event):
            self.findings.add(self.misreadings.anchor(event, self.path))
            return self.unknown(event)
        if event.anchor and self.is_marked_name(event, event.anchor) and self.misreadings.is_no_anchor(event):
            self.findings.add(self.misreadings.marked_name("&", event.anchor, self.at(event), self.path))
            return self.unknown(event)
        kind = "str"
        if tag is None and event.implicit[0]:
            kind = _resolved(text)
        elif tag not in (None, "!", _TAG + "str"):
            kind = _resolved(text)
            if tag != _TAG + kind:
                self.unknown_tag(event)
                kind = "str" if event.style else kind  # what it is without the tag
                if self.findings[-1].rule != "unknown-tag":
                    return self.unknown(event)
                is_in_list = bool(self.path) and isinstance(self.path[-1], int) and not self.is_text()
                if is_in_list and is_name(tag[1:]) and is_name(text):  # there may be two items, so that no tag goes
                    self.findings[-1].words, self.findings[-1].fix = partial(not_allowed, tag, None, text), tuple
                if not text or tag in OTHER_FILES:
                    self.findings[-1].fix = tuple  # what is meant may be text that begins with !
                    return self.unknown(event)
        value: Any = text
        if kind == "bool":
            value = text.lower() in _TRUE
        elif kind == "null":
            value = None
        elif kind in _KINDS:
            value = ImplicitScalar(text, _KINDS[kind])
        plain = event.implicit[0] or (bool(tag) and not event.style)
        return Node(self.at(event), value, self.end(event), text, plain, size=1 + len(text) // _LONG_TEXT)

    def unknown(self, event: Any) -> Node:
        """A scalar of which nothing can be said."""
        return Node(self.at(event), UNKNOWN, self.end(event))

    def sequence(self, node: Node, depth: int) -> _Composing:
        children: list[Node] = []
        self.path.append(0)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            if len(children) >= MAX_ITEMS:
                self.too_much(self.at(event), _TOO_MANY_ITEMS)
            self.path[-1] = len(children)
            children.append(child := self.leaf(event, depth + 1) or (yield event))
            if child.plain and child.used_at is None:
                if not child.text.isascii():
                    self.misreadings.quotes.look_at(child, self.path)
                    self.misreadings.items(child, self.path)
                if JOINED.search(child.text):
                    self.misreadings.items_in_item(child, self.path)
            node.size += child.size
            node.depth = max(node.depth, child.depth + 1)
        self.path.pop()
        node.end = self.end_of_all(event, children[-1].end if children else 0)
        node.children = children
        node.value = [child.value for child in children]

    def mapping(self, node: Node, depth: int) -> _Composing:
        fields = Fields(self, node)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.leaf(event, depth + 1) or (yield event)
            self.path.append(key.value if isinstance(key.value, str) else "")
            event = next(self.events)
            fields.take(key, self.leaf(event, depth + 1) or (yield event))
            self.path.pop()
        fields.finish(event)
