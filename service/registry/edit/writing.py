"""How a file writes its values, with its quotes, brackets, margins and order of fields; and edits that keep to that.

What is not foreseen here raises ValueError or LookupError, or gives a file that is refused when it is tried.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import yaml
from yaml.resolver import Resolver

from service.problems import Edit
from service.registry.lint.nodes import LINE_BREAK, Node, SourceMap, fields, items, line_end, line_start
from service.registry.schema import all_fields, module_fields, removal_fields, translated_fields, type_of
from service.wording import json_text

_RESOLVER: Any = Resolver()
#: Text that is what it says without quotes, also between brackets; what YAML may read otherwise is told apart later.
_PLAIN = re.compile(r"[^\W_](?:[\w./@+’'&()-]|[ \xa0\u202f](?=[^\W_]|\())*|(?:https:/)?/[\w./-]+")
#: An anchor and a tag, before a value.
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*){0,2}")
#: Behind an item in brackets: a comma, or none, and a comment.
_COMMENT_BEHIND = re.compile(r"(,?)([ \t]+#[^\r\n]*)")

#: Entries that are looked at for what is usual in a file, and blank lines that an entry gets before it at most.
_MOST_ENTRIES, _MOST_BLANK_LINES = 200, 10


def _similar_fields(name: str) -> list[str]:
    """Return the other lists for a list, and the other translated texts for a translated text.

    A new field is written like one of them if the file has no example of it.
    """
    types = {field: type_of(part) for field, part in all_fields().items()}
    if name in translated_fields():
        return [*translated_fields()]
    return [field for field, type in types.items() if type.is_list] if name in types and types[name].is_list else []


def own(node: Node | None) -> dict[str, Node]:
    """The fields that a mapping writes itself: a merge has others, and so has an alias."""
    if node is None or node.used_at is not None:
        return {}
    return {name: value for name, value in fields(node).items() if name not in node.merged}


def first_key(mapping: Node) -> int:
    """Where the first key stands that a mapping writes itself."""
    return min(mapping.keys[name] for name in own(mapping))


def scalar(value: str | bool, like: Node | None = None, field: str = "") -> str:
    """A scalar in the quotes of another one, or in none where it needs none."""
    if isinstance(value, bool):
        return str(value).lower()
    quote = like.style if like else ""
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _PLAIN.fullmatch(value):
        kind = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)).rpartition(":")[2]
        if kind == "str" or (kind, field) == ("timestamp", "date"):
            return value
    return json_text(value)


class Text(SourceMap):
    """A text by its lines, with the edits of one mapping or list. Offsets are in characters."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        match = LINE_BREAK.search(text)
        self.newline = match[0] if match else "\n"

    def above(self, offset: int) -> int:
        """Where the line above that of an offset ends."""
        return line_end(self.text, self.start(self.position(offset)[0] - 1))

    def margin(self, inner: int, outer: int = -1) -> str:
        """As many blanks as an offset is in from the left margin, or further in than another one."""
        column = self.position(outer)[1] - 1 if outer >= 0 else 0
        return " " * (self.position(inner)[1] - 1 - column)

    def content(self, node: Node) -> int:
        """Where a value begins, behind its anchor; what an alias repeats does where that is."""
        return next(_PROPERTIES.finditer(self.text, node.offset)).end()

    def end(self, node: Node) -> int:
        """Where a value ends: to the parser, a block of lines goes on with the blank lines behind it."""
        return node.place + len(self.text[node.place : node.end].rstrip())

    def dash(self, item: Node) -> int:
        """Where the - of an item of a list without brackets is, if no comment between the two has another."""
        return self.text.rindex("-", 0, item.place)

    def _stop_of_item(self, item: Node) -> int:
        """Where the last line of an item ends: that of its last value, or of comments below that are further in."""
        below = re.compile(rf"(?:(?:\r\n?|\n){self.margin(self.dash(item))} +#[^\r\n]*)*")
        return next(below.finditer(self.text, line_end(self.text, self.end(item)))).end()

    def _behind(self, offset: int) -> int:
        """Where the blank lines behind an offset end, which is the end of a line."""
        return offset + len(self.text[offset:]) - len(self.text[offset:].lstrip())

    def with_scalar(self, node: Node, value: str) -> Edit:
        """Another scalar in the place of one, whose anchor and quotes stay."""
        start = self.content(node)
        blank = " " if self.text[start - 1] == ":" else ""
        return Edit(start, self.end(node), blank + scalar(value, node))

    def without_fields(self, mapping: Node, names: Collection[str]) -> Iterator[Edit]:
        """Fields go, with the lines that are their own."""
        written = own(mapping)
        if mapping.style:
            spans = [(mapping.keys[name], self.end(value)) for name, value in written.items()]
            yield from self._cut(spans, [[*written].index(name) for name in names])
            return
        for name in names:
            start = mapping.keys[name]
            if self.text[line_start(self.text, start) : start].strip(" "):
                raise ValueError("it is the first field of an item, behind the dash")
            yield Edit(self.above(start), line_end(self.text, self.end(written[name])), "")

    def without_item(self, listed: Node, number: int) -> Edit:
        """An item goes, with its comments, and with blank lines that parted it from another one."""
        if listed.style:
            return next(self._cut([(item.place, item.end) for item in listed.children], [number]))
        start, stop = self._with_comments(listed.children, number), self._stop_of_item(listed.children[number])
        before, behind = line_end(self.text, len(self.text[:start].rstrip())), self._behind(stop)
        if behind == len(self.text):
            return Edit(before, stop, "")
        return Edit(self.above(start), self.above(behind) if before < self.above(start) else stop, "")

    def _with_comments(self, listed: Sequence[Node], number: int) -> int:
        """Where the comment right above an item begins, or else the item.

        What stands above the first item may be said of the list, and what is followed by other items without a comment
        between may be their heading: these stay.
        """
        dash = self.dash(listed[number])
        start, comment = line_start(self.text, dash), f"{self.margin(dash)}#"
        following = listed[number + 1].place if number + 1 < len(listed) else start
        between = self.text[self._stop_of_item(listed[number]) : following]
        if following == start or self.newline + comment in between:
            while number and self.text.startswith(comment, above := line_start(self.text, self.above(start))):
                start = above
        return start

    def _cut(self, spans: Sequence[tuple[int, int]], gone: Collection[int]) -> Iterator[Edit]:
        """Some of several values that commas part: each with the comma behind it, or else the one before it."""
        last = max({*range(len(spans))} - {*gone}, default=-1)
        for number in gone:
            start, end = outer = spans[number]
            if number < last:
                end = spans[number + 1][0]
            elif number:
                start = spans[number - 1][1]
            if "#" in self.text[start : outer[0]] + self.text[outer[1] : end]:
                raise ValueError("a comment stands beside it")
            yield Edit(start, end, "")

    def with_items(self, listed: Node, number: int, added: Sequence[str], before: bool = False) -> Edit:
        """Items of which the first gets a number in a list, with as many blank lines between as the first two have.

        They come right behind the item before them, or, if asked, right before the other, with comments between them.
        """
        if not listed.children:
            start = self.content(listed) + 1
            return Edit(start, start, ", ".join(added))
        neighbour = listed.children[number if before else number - 1]
        start, end = neighbour.place, neighbour.end
        if not listed.style:
            start, end = self.dash(neighbour), self._stop_of_item(neighbour)
            first = self._stop_of_item(listed.children[0])
            lines = self.position(self._behind(first))[0] - self.position(first)[0] if listed.children[1:] else 1
            between = self.newline * min(lines, _MOST_BLANK_LINES) + self.margin(start)
        elif not self.text[line_start(self.text, start) : start].strip(" "):
            between = f",{self.newline}{self.margin(start)}"
        else:
            between = ", "
        comment = _COMMENT_BEHIND.match(self.text, end)
        if before:
            return Edit(start, start, "".join(each + between for each in added))
        if comment and between != ", ":  # it stays with the item that it stands behind
            return Edit(end, comment.end(), f",{comment[2]}{between[1:]}{between.join(added)}{comment[1]}")
        return Edit(end, end, "".join(between + each for each in added))


class Style:
    """How entries of a list, which may be in brackets, are written: as the first of those that are given, if it can."""

    def __init__(self, text: Text, entries: Iterable[Node], in_brackets: bool) -> None:
        self.text, self.in_brackets = text, in_brackets
        self.entries = [entry for entry in islice(entries, _MOST_ENTRIES) if own(entry)]
        self.flow = in_brackets or bool(self.entries and self.entries[0].style)
        self._own = [*map(own, self.entries)]
        self._orders = [*map(list, self._own), [*module_fields(), *removal_fields()]]

    def item(self, value: Mapping[str, Any] | str, margin: str, like: Node | None = None) -> str:
        """A new item of a list, like another one; `margin` is that of its dash, on lines behind the first."""
        like = next(iter(self.entries), None) if isinstance(value, Mapping) else like or self._like("slug")
        is_block = self._is_block(value, like)
        inner = self.text.margin(first_key(like), self.text.dash(like)) if like and is_block else "  "
        written = self._value(value, like, margin + inner)
        return written if self.in_brackets else f"-{inner[1:]}{written}"

    def with_field(self, mapping: Node, name: str, value: Any, gone: Collection[str] = ()) -> Edit:
        """A mapping gets a field more, behind one that is not `gone`."""
        names = [each for each in own(mapping) if each not in gone]
        after = names[max(0, self._place(names, name) - 1)]
        end, margin = self.text.end(mapping.children[after]), self.text.margin(mapping.keys[after])
        before = ", " if mapping.style else self.text.newline + margin
        end = end if mapping.style else line_end(self.text.text, end)
        return Edit(end, end, before + self._field(name, value, margin))

    def _field(self, name: str, value: Any, margin: str, within: Node | None = None) -> str:
        """A field of a mapping like another one; `margin` is its own, on lines behind the first."""
        like, before = self._like(name, within), " "
        if like and self._is_block(value, like):
            inner = first_key(like) if like.keys else self.text.dash(like.children[0])
            margin += self.text.margin(inner, first_key(self.entries[0]))
            before = self.text.newline + margin
        is_json = self.entries and self.text.text[first_key(self.entries[0])] == '"'
        return f"{json_text(name) if is_json else name}:{before}{self._value(value, like, margin, name)}"

    def _is_block(self, value: Any, like: Node | None) -> bool:
        """Whether a value has lines of its own, as another one."""
        return bool(value and like and like.children and not like.style and not self.flow)

    def _value(self, value: Any, like: Node | None, margin: str, name: str = "") -> str:
        """A value as another is written; `margin` is its own, on lines behind the first."""
        if isinstance(value, (str, bool)):
            return scalar(value, like, name)
        is_block, ends, inside = self._is_block(value, like), "{}", " "
        if isinstance(value, Mapping):
            names: list[str] = []
            for each in value:  # in the order of others
                names.insert(self._place(names, each), each)
            parts = [self._field(each, value[each], margin, like) for each in names]
        else:
            ends, inside = "[]", ""
            parts = ["- " * is_block + self._value(each, next(iter(items(like)), like), margin) for each in value]
        if is_block:
            return f"{self.text.newline}{margin}".join(parts)
        if like and like.style == ends[0]:
            inside = self.text.text[self.text.content(like) + 1]
        pad = " " if inside == " " else ""
        return f"{ends[0]}{pad}{', '.join(parts)}{pad}{ends[1]}"

    def _like(self, name: str, within: Node | None = None) -> Node | None:
        """How the same field is written within a mapping or an entry, or one that is like it, or else the slug."""
        for each in (name, *_similar_fields(name), "slug"):
            for written in (own(within), *self._own):
                node = written.get(each)
                if node and node.used_at is None and (each in (name, "slug") or node.children):
                    return node
        return None

    def _place(self, names: Sequence[str], new: str) -> int:
        """The number that a new field gets among others: as in entries with both, or else in the schema."""
        place = 0
        for number, name in enumerate(names, 1):
            order = next((order for order in self._orders if name in order and new in order), [name, new])
            if order.index(name) < order.index(new):
                place = number
        return place
