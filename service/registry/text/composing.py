"""The parser's events -> values with their places, and what is unsafe or ambiguous among them.

They are composed here rather than by PyYAML: that is faster, keeps a place for every value, and lets duplicate keys,
alias bombs and unknown tags be reported side by side instead of one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from service.problems import Edit
from service.registry.schema import is_name
from service.registry.text.again import second_copy, second_document
from service.registry.text.keys import MERGE, NO_TEXT, TEMPLATE, given_again, question_mark, read_as
from service.registry.text.lines import OPENED, top_keys
from service.registry.text.misplaced import Repeated, joined_lists
from service.registry.text.misreadings import BLOCKS, OTHER_FILES, Misreadings, not_allowed, tears
from service.registry.text.no_dash import list_without_dashes, with_dashes
from service.registry.text.nodes import (
    LINE_BREAK,
    UNKNOWN,
    Abandoned,
    Finding,
    Findings,
    ImplicitScalar,
    Node,
    SourceMap,
    Words,
    said,
)
from service.registry.text.pasted import UNREAD
from service.registry.text.recovery import Recovery
from service.registry.text.rewriting import field_removed, tag_removed
from service.wording import shortened

#: Limits on a file: entries of one list (such as modules), values (the keys among them), levels, and values that
#: aliases and merge keys may add.
MAX_ITEMS = 20_000
MAX_VALUES = 400_000
MAX_DEPTH = 32
MAX_ALIASED = 200_000

_TAG = "tag:yaml.org,2002:"
_TRUE = ("yes", "true", "on")
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date", "value": "a special value"}
_RESOLVER: Any = Resolver()
#: Text of this length counts as one more value where an alias repeats it, in characters.
_LONG_TEXT = 64

_TOO_MANY_ITEMS = said(f"this list has more than {MAX_ITEMS:,} entries", "remove what does not belong")
_TOO_MANY_VALUES = said(f"the file has more than {MAX_VALUES:,} values", "remove what does not belong")


def _resolved(text: str) -> str:
    """What YAML 1.1 reads plain text as. By its first character most is text, which saves the resolver a look."""
    if text[:1] not in _RESOLVER.yaml_implicit_resolvers:
        return "str"
    return str(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False))).removeprefix(_TAG)


#: Yields the first event of each collection in a collection, is sent what that is, and returns the whole.
_Composing = Generator[Any, Any, Any]


class Composer:
    """One pass over the parser's events. `findings` collects what is wrong on the way."""

    def __init__(self, recovery: Recovery, source_map: SourceMap) -> None:
        self.recovery, self.patch, self.lost = recovery, recovery.patch, recovery.lost
        self.source_map = source_map
        self.findings = Findings()
        self.misreadings = Misreadings(self.patch, source_map)
        self.path: list[str | int] = []
        self.anchors: dict[str, Node] = {}
        self.unfinished: set[int] = set()
        self.aliased = 0
        self.values = 0
        self.events: Iterator[Any] = yaml.parse(self.patch.text, Loader=yaml.CSafeLoader)

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

    @property
    def text(self) -> str:
        """The file's own text."""
        return self.patch.original

    def at(self, event: Any) -> int:
        """Where an event begins in the file."""
        index: int = event.start_mark.index
        return self.patch.place(index) if self.patch.edits else index

    def end(self, event: Any) -> int:
        """Where an event ends in the file."""
        index: int = event.end_mark.index
        return self.patch.end(index) if self.patch.edits else index

    def found(self, offset: int, rule: str, words: Callable[[], Words]) -> None:
        self.findings.add(Finding(offset, rule, words, tuple(self.path)))

    def abandon(self, offset: int, rule: str, message: str, hint: str) -> NoReturn:
        self.found(offset, rule, said(message, hint))
        raise Abandoned

    def too_much(self, offset: int, words: Callable[[], Words]) -> NoReturn:
        """Reading stops here, and this is the one problem of the file."""
        self.findings[:] = [Finding(offset, "size", words)]
        raise Abandoned

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
        self.values += 1
        if self.values > MAX_VALUES:
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
                self.found(offset, "alias", partial(self.misreadings.no_anchor, name, offset, self.is_text()))
            return Node(offset, UNKNOWN, self.end(event))
        if id(node) in self.unfinished:
            message = f"the alias *{shortened(name)} stands inside its own anchor"
            self.abandon(offset, "alias", message, "write the value out")
        self.expanded(offset, node.size)
        if depth + node.depth - 1 > MAX_DEPTH:
            self.too_deep(offset)
        return replace(node, used_at=offset, end=self.end(event))

    def expanded(self, offset: int, added: int) -> None:
        """Count the values that aliases and merges add, so that a small file cannot stand for a huge one."""
        self.aliased += added
        if self.aliased > MAX_ALIASED:
            message = f"aliases and merge keys expand to more than {MAX_ALIASED:,} values"
            self.abandon(offset, "alias-limit", message, "write the values out")

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

    def is_text(self) -> bool:
        """Whether what is read now is text for people, such as a label."""
        return self.path[-1:] in (["fr"], ["en"]) or self.path[-2:-1] == ["keywords"]

    def is_marked_name(self, event: Any, name: str) -> bool:
        """Whether a tag or an anchor with nothing behind it may be meant for a value: a name, where one belongs."""
        is_value = self.path[2:] and self.path[-1] not in OPENED["{"]
        is_nothing = isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
        return is_nothing and is_name(name) and not self.is_text() and bool(is_value)

    def scalar(self, event: Any) -> Node:
        text, tag = event.value, event.tag
        if self.patch.edits and tag == UNREAD[2:-1]:
            return self.unknown(event)
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
                is_item = is_name(tag[1:]) and self.path[-2:-1] in [[one] for one in ("needs", "produces", "formerly")]
                if is_item:  # of which there may be two, so that no tag goes
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
                    self.misreadings.quotes(child, self.path)
                    self.misreadings.items(child, self.path)
                if " - " in child.text:
                    self.misreadings.dashes(child, self.path)
            node.size += child.size
            node.depth = max(node.depth, child.depth + 1)
        self.path.pop()
        node.end = self.end_of_all(event, children[-1].end if children else 0)
        node.children = children
        node.value = [child.value for child in children]

    def mapping(self, node: Node, depth: int) -> _Composing:
        children: dict[str, Node] = {}
        keys: dict[str, int] = {}
        merged: list[Node] = []
        merge_at: int | None = None
        repeated: list[Repeated] = []
        in_a_row, longest = 0, 0
        template, end = False, 0
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.leaf(event, depth + 1) or (yield event)
            name = key.value if isinstance(key.value, str) else None
            is_merge = name == "<<" and key.plain
            self.path.append(name or "")
            event = next(self.events)
            child = self.leaf(event, depth + 1) or (yield event)
            if child.plain and child.used_at is None:
                if not child.text:
                    meant = self.misreadings.without_colon(key, child, self.path, children)
                    if meant == "":
                        self.path.pop()
                        continue
                    name = meant or name
                elif child.text[-1] in '"]}':
                    self.misreadings.end(child, self.path)
                elif not child.text.isascii():
                    self.misreadings.quotes(child, self.path)
            elif name in BLOCKS and child.text:
                self.misreadings.text_for_more(key, child, self.path)
            node.size += child.size + key.size
            node.depth = max(node.depth, child.depth + 1)
            end = child.end
            if name is None and key.offset == node.offset + 1 and self.text.startswith("{{", node.offset):
                template = True
            elif name is None and key.children and isinstance(key.value, dict) and self.is_explicit(key):
                self.not_a_key(key, child)
                for name, value in key.children.items():
                    children.setdefault(name, child if len(key.children) == 1 and value.value is None else value)
                    keys.setdefault(name, key.keys[name])
            elif name is None:
                self.key_not_text(key)
            elif name in children or (is_merge and merge_at is not None):
                first = merge_at if is_merge and merge_at is not None else keys[name]
                same = name in children and child.value == children[name].value and child.value is not UNKNOWN
                repeated.append(Repeated(name, key.offset, first, child.end if same else None, child))
            elif is_merge:
                merge_at = key.offset
                merged = self.merge_sources(node, child)
            else:
                children[name] = child
                keys[name] = key.offset
            in_a_row = in_a_row + 1 if repeated and repeated[-1].offset == key.offset else 0
            longest = max(longest, in_a_row)
            self.path.pop()
        is_again = not self.path and len(repeated) >= len(children) > 0 and self.stands_again(children, repeated)
        if not self.path and not is_again:
            joined_lists(children, repeated, self.patch, self.source_map, self.findings, MAX_ITEMS)
        if self.path in (["modules"], ["removed"]) and (found := self.without_dashes(node, children, keys, end)):
            self.findings.add(found)
            node.value = UNKNOWN
            return
        for group in [] if is_again or not repeated else [repeated] if longest > 1 else [[one] for one in repeated]:
            self.duplicate_keys(group)
            if len(group) > 1:
                self.findings[-1].fix = partial(with_dashes, self.text, node, group)
        again = {one.name for one in repeated if longest > 1 or one.same_until is None}
        came: dict[str, int] = {}
        for other in merged:
            # What it adds is in no alias where it stands here itself, and is copied all the same.
            self.expanded(node.offset, other.size)
            again |= other.repeated
            node.incomplete |= other.incomplete
            node.size += other.size
            for name, child in other.children.items():
                if name not in children:
                    children[name] = child
                    keys[name] = other.keys[name]
                    came[name] = merge_at if merge_at is not None else 0
        if template:
            self.found(node.offset, "key-not-text", TEMPLATE)
            node.value = UNKNOWN
            return
        node.repeated = again or node.repeated
        node.end = self.end_of_all(event, end)
        node.merged = came or node.merged
        node.children = children
        node.keys = keys
        node.value = {name: child.value for name, child in children.items()}

    def without_dashes(self, node: Node, children: dict[str, Node], keys: dict[str, int], end: int) -> Finding | None:
        """What is wrong with a list of entries that has the fields of one, or of several."""
        fields = replace(node, children=children, keys=keys, end=end)
        return list_without_dashes(self.text, str(self.path[0]), fields) if "slug" in children else None

    def end_of_all(self, event: Any, last: int) -> int:
        """Where a collection ends: at its bracket, or behind its last value."""
        has_bracket = event.start_mark.index < event.end_mark.index
        return self.end(event) if has_bracket or not last else last

    def merge_sources(self, node: Node, child: Node) -> list[Node]:
        """What a mapping merges. Where that is nothing, its other fields cannot be known."""
        sources = child.children if isinstance(child.value, list) else [child]
        if not all(isinstance(source.value, dict) for source in sources):
            node.incomplete = True
            if not any(source.value is UNKNOWN for source in sources):
                self.found(child.place, "merge", MERGE)
        return [source for source in sources if isinstance(source.value, dict)]

    def key_not_text(self, key: Node) -> None:
        scalar = isinstance(key.children, tuple) and bool(key.text)
        self.found(key.offset, "key-not-text", partial(read_as, key) if scalar else NO_TEXT)

    def is_explicit(self, key: Node) -> bool:
        """Whether a question mark makes what follows it a key."""
        return self.text[max(0, key.offset - 20) : key.offset].rstrip(" ").endswith("?")

    def not_a_key(self, key: Node, value: Node) -> None:
        """Fields that a question mark turns into the key of another."""
        at = self.text.rindex("?", 0, key.offset)
        self.found(at, "key-not-text", partial(question_mark, next(iter(key.children))))
        if value.value is None and not value.text and self.text[key.offset] not in "{&!":
            edit = Edit(at, key.offset if key.offset - at == 2 else at + 1, "")
            self.findings[-1].fix = lambda: [edit]

    def stands_again(self, children: Mapping[str, Node], repeated: Sequence[Repeated]) -> bool:
        """Whether the keys of the file come again in their order, which is one mistake: it was pasted twice."""
        names = list(children)
        if "modules" not in names or [one.name for one in repeated] != names * (len(repeated) // len(names)):
            return False
        is_same = all(one.same_until is not None for one in repeated)
        found = second_copy(self.patch, self.source_map, repeated[0].offset, names, is_same)
        if found:
            self.findings.add(found)
        return found is not None

    def duplicate_keys(self, group: list[Repeated]) -> None:
        """Several keys given again, some in a row: most likely one mistake, the lost beginning of the next entry."""
        one = group[0]
        self.path.append(one.name)
        self.found(one.offset, "duplicate-key", partial(given_again, self.source_map, group))
        if len(group) == 1 and one.same_until is not None:
            self.findings[-1].fix = partial(field_removed, self.text, one.offset, one.same_until)
        self.path.pop()
