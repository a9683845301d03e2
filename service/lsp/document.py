"""One open file: its text, its places as editors count them, what is wrong with it and mends that, its names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import yaml

from service.problems import Diagnostic, Edit, EditRefused
from service.registry.edit.mending import together
from service.registry.edit.modules import Opened, rename
from service.registry.edit.writing import scalar
from service.registry.lint.nodes import Abandoned, Node, SourceMap, end_of, fields, items
from service.registry.lint.reading import Reader
from service.registry.loading.loader import Examined, examine
from service.registry.schema import is_name, schema
from service.wording import quoted

#: The codec of each encoding in whose units a client may count, and the bytes of one of them.
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
#: What may stand before a scalar's text: an anchor, a tag, a quote.
_BEFORE = re.compile(r"""(?:[&!]\S*[ \t]+){0,2}["']?""")


def root_of(text: str) -> Node | None:
    """The values of a text with their places, whatever they are; None where it cannot be read as it is."""
    with suppress(yaml.YAMLError, Abandoned, UnicodeEncodeError):
        return Reader(text, lambda offset: 0).read()
    return None


def modules_of(root: Node | None) -> list[Node]:
    """The entries of the modules of a file."""
    return items(fields(root).get("modules"))


class Mention(NamedTuple):
    """A name where it is written: the characters `start` to `end` of the text, without quotes.

    `role` is the field that says it, but `removed` for the slug of a removed module. `entry` is the module that says
    it, the removed one, or the whole document.
    """

    role: str
    name: str
    start: int
    end: int
    entry: Node

    @property
    def is_artifact(self) -> bool:
        """Whether it names an artifact, and not a module."""
        return self.role in ("needs", "produces")


def _mentions(root: Node, text: str) -> Iterator[Mention]:
    """Every well-formed name in a file. What an alias repeats stands where its anchor is."""
    top = fields(root)
    said = [("legacy_features", node, root) for node in items(top.get("legacy_features"))]
    for part, role in (("modules", "slug"), ("removed", "removed")):
        for entry in items(top.get(part)):
            own = fields(entry)
            ends = own.get("use"), fields(own.get("deprecated")).get("use")
            said += [(role, own["slug"], entry)] if "slug" in own else []
            said += [("use", node, entry) for node in ends if node]
            said += [(name, node, entry) for name in ("formerly", "needs", "produces") for node in items(own.get(name))]
    for role, node, entry in said:
        start = _BEFORE.match(text, node.offset).end()  # type: ignore[union-attr]  # it matches anything
        if is_name(node.value) and text.startswith(node.value, start):
            yield Mention(role, node.value, start, start + len(node.value), entry)


class Document:
    """One open file, in one version; `after` is the version before it, whose names may still be needed.

    Offsets count characters of `text`, which has no byte order mark, as the linter reads it.
    """

    def __init__(self, file: str, text: str, encoding: str = "utf-16", after: Document | None = None) -> None:
        self.file, self._whole = file, text
        self.data = text.encode("utf-8", "surrogatepass")
        self.text = text.removeprefix("\N{BYTE ORDER MARK}")
        self._before = len(text) - len(self.text)
        self._lines = SourceMap(text)
        self._codec, self._unit = _CODECS[encoding]
        self._last = after.known if after else None

    def place(self, offset: int) -> tuple[int, int]:
        """The line of an offset and the character in it, both counted from 0, in units of the client's encoding."""
        end = offset + self._before
        line, column = self._lines.position(end)
        before = self._whole[end - column + 1 : end]
        return line - 1, len(before.encode(self._codec, "surrogatepass")) // self._unit

    def offset(self, position: Any) -> int:
        """The offset of a position of the protocol. Beyond the end of its line it is that end, as the protocol says."""
        start, after = (self._lines.start(position.line + number) for number in (1, 2))
        line = self._whole[start:after].rstrip("\r\n").encode(self._codec, "surrogatepass")
        before = line[: position.character * self._unit].decode(self._codec, "ignore")
        return max(0, start + len(before) - self._before)

    @cached_property
    def examined(self) -> Examined:
        """What is wrong with it; looked at once, when somebody asks."""
        return examine(self.data, self.file, warnings=True)

    @cached_property
    def root(self) -> Node | None:
        """What this version says, with its places; where it cannot be read as it is, with those of it as mended."""
        linted = self.examined.linted
        return linted.root and ((linted.diagnostics and root_of(linted.text)) or linted.root)

    @cached_property
    def mentions(self) -> list[Mention]:
        """Every name of a module or an artifact that stands where it is read, in the order of the text, once each."""
        by_start = {each.start: each for each in _mentions(self.root, self.text)} if self.root else {}
        return [by_start[start] for start in sorted(by_start)]

    @property
    def known(self) -> Node | None:
        """What it says, or the version before where nobody has looked yet: typing does not wait for that."""
        return self.root if "examined" in self.__dict__ else self._last

    def mention_at(self, offset: int) -> Mention | None:
        """The name that is written at an offset; its end belongs to it, since a cursor may stand there."""
        return next((mention for mention in self.mentions if mention.start <= offset <= mention.end), None)

    def references(self, offset: int) -> list[Mention]:
        """Everything that says the name at an offset, itself among it: artifacts and slugs are apart."""
        same = {(mention.name, mention.is_artifact) for mention in [self.mention_at(offset)] if mention}
        return [mention for mention in self.mentions if (mention.name, mention.is_artifact) in same]

    def definitions(self, offset: int) -> list[Mention]:
        """Where the name at an offset comes from: who produces an artifact, which module has a slug, or has had it."""
        same = self.references(offset)
        leads = ([each for each in same if each.role == role] for role in ("slug", "produces", "formerly", "removed"))
        return next(filter(None, leads), [])

    def renamed(self, offset: int, new: str) -> list[Edit]:
        """The edits of `text` that give another name to an artifact, or to a module as the command `rename` does.

        Raises EditRefused.
        """
        same = self.references(offset)
        if not any(each.is_artifact or each.role == "slug" for each in same):
            raise EditRefused("only the slug of a module and an artifact can be renamed")
        if new == same[0].name:
            return []
        if not same[0].is_artifact:
            if self.examined.problems:
                raise EditRefused("a module is renamed in a valid file only, as votes follow: mend the mistakes first")
            return [*rename(Opened(self.data, self.file), same[0].name, new).edits]
        if not is_name(new):
            raise EditRefused(f"{quoted(new)} is not well formed; {schema()['$defs']['name']['x-form']}")
        if any(each.name == new and each.is_artifact for each in self.mentions):
            raise EditRefused(f"{quoted(new)} is another artifact already")
        return [Edit(each.start, each.end, new if self.text[each.start - 1] in "\"'" else scalar(new)) for each in same]

    def problems_between(self, start: int, end: int) -> list[Diagnostic]:
        """The problems and warnings that begin or end between two offsets, or around them."""
        every = (*self.examined.problems, *self.examined.warnings)
        return [each for each in every if each.place <= end and start <= end_of(self.text, each.place)]

    def fixes(self, start: int, end: int) -> Iterator[tuple[str, str, tuple[Edit, ...], list[Diagnostic]]]:
        """What mends each problem between two offsets, where one way to do so is certain; and everything at once.

        Each is what it does, its kind in the protocol, edits of the text, and the problems. Edits of one answer must
        not overlap: of problems whose edits do, the first is mended.
        """
        for each in self.problems_between(start, end):
            if each.edits:
                yield each.hint or f"mend: {each.message}", "quickfix", each.edits, [each]
        if mended := together(self.examined.problems):
            yield "mend everything that is certain", "source.fixAll", (*chain(*mended),), [*mended.values()]
