"""What YAML accepts and reads otherwise than anybody meant: quotes that are none, lost colons, text as anchors."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from service.problems import Edit
from service.registry.schema import is_name
from service.registry.text.characters import BLANKS, INVISIBLE, called, meant
from service.registry.text.items import WrongItems, read_as_text, read_on
from service.registry.text.lines import IN_LANGUAGES, OPENED, known_keys
from service.registry.text.nodes import LINE_BREAK, UNKNOWN, Finding, Node, Path, SourceMap, Words, said
from service.registry.text.patch import Patch
from service.registry.text.rewriting import in_double_quotes, plain_span
from service.registry.text.typographic import TypographicQuotes
from service.registry.text.values import trouble
from service.wording import joined, quoted, shortened

_NO_COLON = re.compile(r"([A-Za-z_]\w*)( *[=;：] *|:(?=\S)|[ \t]+(?=\S)|(?=[\"']))")
_NO_BLANK = re.compile(rf"(\w+):([{BLANKS}{INVISIBLE}])")
_NO_COMMA = re.compile(r"(?<=.)([，、；،؛\u037e])\s*(?=\S)")
_BLOCK_SIGN = re.compile(r"[|>][+-]?\d?[+-]?(?=[ \t]*(?:#[^\r\n]*)?[\r\n])")
#: How a text begins that is a list or a mapping.
_IN_BLOCK = re.compile(
    r"(?:\s*+#[^\n]*\n)*+\s*+(?:- +\S|[\"']?(?:fr|en|since|date|use|removed_after|because)[\"']?:\s)"
)
_ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
#: Tags by which other programs read a further file.
OTHER_FILES = {"!include", "!import", "!file", "!ref", "!reference"}
LANGUAGES = frozenset(("fr", "en"))
#: Fields with names that stay for good.
_LASTING = ("slug", "produces", "formerly")
#: Keys without a value that are looked at.
_MOST_ASKED = 1_000
#: How far the end of a mapping in braces is looked for, in characters.
_LONGEST_TEXT = 1_000
_OPENING = {"]": "[", "}": "{", '"': '"'}


class Torn(Exception):
    """A line of three dashes at an offset of the text, in the middle of a list."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        super().__init__(start)


def tears(text: str, at: int) -> Torn | None:
    """Whether the document that begins at an offset goes on with the list of the one before."""
    end = LINE_BREAK.search(text, at)
    if not end or text[at : end.start()].strip() != "---":
        return None
    after = re.compile(r"(?>(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*)(?:[ \t]+\S|- )").match(text, end.end())
    return Torn(at, end.end()) if after else None


class Misreadings:
    """What is found while a text is composed; values that are read otherwise than they are meant are put right."""

    def __init__(self, patch: Patch, source_map: SourceMap) -> None:
        self._patch, self._map = patch, source_map
        self.quotes = TypographicQuotes(patch, source_map)
        self._found: list[Finding] = []
        self._asked = 0

    @cached_property
    def _aliases(self) -> set[str]:
        return set(_ALIAS.findall(self._patch.text))

    def is_no_anchor(self, event: Any) -> bool:
        """Whether nothing in the text refers to the anchor of a scalar."""
        return event.anchor not in self._aliases

    def anchor(self, event: Any, path: Path) -> Finding:
        """Text that begins with &."""
        text = f"&{event.anchor} {event.value}".strip()
        start, end = (self._patch.place(mark.index) for mark in (event.start_mark, event.end_mark))
        edits = [Edit(start, end, in_double_quotes(text))]
        words = said(
            f"YAML reads &{shortened(event.anchor)} as an anchor, not as text", f"write {quoted(text)} in quotes"
        )
        return Finding(start, "yaml-misread", words, tuple(path), lambda: edits)

    def marked_name(self, sign: str, name: str, start: int, path: Path) -> Finding:
        """A name with a sign before it, which makes it an anchor or a tag of nothing."""
        is_list, is_lasting = path[-1] in OPENED["["], any(one in _LASTING for one in path[-2:])
        written = f"[{name}]" if is_list else name
        edits = [] if is_lasting else [Edit(start, start + len(sign) + len(name), written)]
        what = "an anchor" if sign == "&" else "a tag"
        words = said(f"YAML reads {sign}{name} as {what} of nothing", f"write {written}, without the {sign}")
        return Finding(start, "yaml-misread", words, tuple(path), lambda: edits)

    def items_in_item(self, node: Node, path: Path) -> None:
        """An item that went on with what was meant to be the next, by its column or what it begins with."""
        self._items(node, path, "yaml-misread", read_on(self._patch.original, node.offset, node.end))

    def items_in_text(self, key: Node, node: Node, path: Path) -> bool:
        """A list below its name that YAML reads as text, by what its items begin with; whether it is one."""
        if self._map.position(key.offset)[0] == self._map.position(node.offset)[0]:
            return False
        return self._items(node, path, "syntax", read_as_text(self._patch.original, node.offset, node.end))

    def _items(self, node: Node, path: Path, rule: str, found: WrongItems | None) -> bool:
        if found is None:
            return False
        node.value = UNKNOWN
        words = said(found.message, found.hint)
        self._found.append(Finding(found.offset, rule, words, tuple(path), lambda: found.edits))
        return True

    def text_for_more(self, key: Node, node: Node, path: Path) -> None:
        """A list, or a mapping, which | or > makes a text."""
        text = self._patch.original
        found = _BLOCK_SIGN.match(text, node.offset)
        if not found or not _IN_BLOCK.match(text, found.end()) or node.used_at is not None:
            return
        node.value = UNKNOWN
        edits = [Edit(key.offset + len(key.text) + 1, found.end(), "")]
        if text[edits[0].start - 1] != ":" or text[edits[0].start : node.offset].strip(" "):
            edits = []
        message = f"{key.text} is a text, since {found[0]} stands behind its colon"
        self._found.append(
            Finding(node.offset, "type", said(message, f"remove the {found[0]}"), tuple(path), lambda: edits)
        )

    def items(self, node: Node, path: Path) -> None:
        """A comma that is none to YAML between two items of a list."""
        found, span = _NO_COMMA.search(node.text), plain_span(self._patch.original, node)
        if found and span:
            at = span[0] + found.start()
            edits = [Edit(at, at + len(found[0]), ", ")]
            message = f"{found[1]} is {called(found[1])}, which separates nothing"
            self._found.append(Finding(at, "look-alike", said(message, "write ,"), tuple(path), lambda: edits))
            node.value = UNKNOWN

    def without_colon(self, key: Node, value: Node, path: Path, before: Container[str]) -> str | None:
        """The known field that a key without a value begins with: in brackets, YAML does not ask for the colon.

        Empty for the rest of a text that ended at its first comma. `before` has the keys in front of it.
        """
        if not isinstance(key.value, str):
            return None
        if not key.plain:
            return self._without_language(key, value, path, before)
        name: str = key.value
        if self.quotes.is_rest(key):
            return ""
        if (blank := _NO_BLANK.match(name)) and blank[1] in known_keys():
            value.value = UNKNOWN
            start = key.offset + blank.end(1) + 1
            message = f"the invisible character {called(blank[2])} stands behind the colon of {blank[1]}"
            edits = [Edit(start, start + 1, " ")]
            words = said(message, "write a plain space")
            self._found.append(Finding(start, "syntax", words, tuple(path), lambda: edits))
            return blank[1]
        found = _NO_COLON.match(name)
        if not found or found[1] not in known_keys():
            return self._without_language(key, value, path, before)
        value.value = UNKNOWN
        sign = found[2].strip()
        start = key.offset + found.end(1)
        edit = Edit(start, start + len(found[2]), ": ") if sign != ":" else Edit(start + 1, start + 1, " ")
        message = (
            f"there is no colon after {found[1]}" if sign != ":" else f"there is no space after the colon of {found[1]}"
        )
        rest = name[found.end() :]
        hint = f"write {found[1]}: {shortened(rest, 40)}"
        edits = [edit] if self._patch.original[key.offset : start] == found[1] and not trouble(rest, 0) else []
        self._found.append(Finding(key.offset, "syntax", said(message, hint), tuple(path), lambda: edits))
        return found[1]

    def _without_language(self, key: Node, value: Node, path: Path, before: Container[str]) -> str | None:
        """The language of a text that stands in braces without it, where it can be only one."""
        self._asked += 1
        if path[-2:-1] not in [[name] for name in IN_LANGUAGES] or self._asked > _MOST_ASKED:
            return None
        text = self._patch.original
        rest, is_closed, _ = text[key.end : key.end + _LONGEST_TEXT].partition("}")
        if key.text in ("fr", "en"):
            return None
        lacking = [name for name in ("fr", "en") if name not in before and not re.search(rf"\b{name}\b", rest)]
        if not is_closed or len(lacking) != 1 or rest.lstrip(" ")[:1] not in ("", ","):
            return None
        value.value = UNKNOWN
        (name,) = lacking
        message = f"{path[-2]}: the text {quoted(key.text, 40)} has no language before it"
        hint = f"write {name}: {shortened(' '.join(text[key.offset : key.end].split()), 40)}"
        edits = [Edit(key.offset, key.offset, f"{name}: ")] if not key.plain else []
        if key.plain:
            hint += ", or put the text in quotes if the comma belongs to it"
        self._found.append(Finding(key.offset, "syntax", said(message, hint), tuple(path), lambda: edits))
        return name

    def languages(
        self, node: Node, path: Path, children: Mapping[str, Node], again: Sequence[tuple[str, Node]]
    ) -> bool:
        """Whether a mapping of texts by language is none: languages without texts, or texts without languages."""
        names = [*children, *(name for name, _ in again)]
        texts = [*children.values(), *(text for _, text in again)]
        is_empty = all(text.value is None and not text.text and text.used_at is None for text in texts)
        if not names or not is_empty or self._patch.original[node.offset] != "{":
            return False
        if LANGUAGES.issuperset(names):
            message, hint = f"{path[-1]} has {joined(names)} without a text", "write { fr: ..., en: ... }"
        elif len(names) == 2 and LANGUAGES.isdisjoint(names):
            message, hint = f"{path[-1]} has texts without their languages", "write fr: before the French one, and en:"
        else:
            return False
        self._found.append(Finding(node.offset, "syntax", said(message, hint), tuple(path)))
        return True

    def end(self, node: Node, path: Path) -> None:
        """Unquoted text that ends with a quote or a bracket which was never opened."""
        text = node.text
        opening = _OPENING[text[-1]]
        span = plain_span(self._patch.original, node)
        if opening in text[:-1] or (text[-1] == '"' and text[-2:-1].isdigit()) or span is None:
            return
        node.value = UNKNOWN
        if opening == '"' and meant(text[0]) == '"' and "\\" not in text:
            edits = [Edit(node.offset, node.offset + 1, '"')]
            message = f'the text begins with {text[0]}, {called(text[0])}, and ends with a quote, "'
            words = said(message, 'write " at both ends')
            self._found.append(Finding(node.offset, "look-alike", words, tuple(path), lambda: edits))
            return
        what = "quote" if opening == '"' else text[-1]
        message = f"{quoted(text, 40)} ends with a {what} that was never opened"
        start, end = span
        is_text = path[-1:] in (["fr"], ["en"]) or path[-2:-1] == ["keywords"]
        is_one_too_many = is_text and text[:-1].rstrip()[-1:] not in tuple('"]}')
        edits = [Edit(end - 1, end, "")] if is_one_too_many else []
        hint = f"write {shortened(text[:-1].rstrip())}"
        if path[-1:] and path[-1] in OPENED[opening]:
            edits, hint = [], f"write {opening}{shortened(text)}"
            if text[-1] not in text[:-1] and (opening != "[" or path[-1] == "keywords" or _are_names(text[:-1])):
                edits = [Edit(start, start, opening)]
        self._found.append(Finding(node.offset, "syntax", said(message, hint), tuple(path), lambda: edits))

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        yield from self._found
        yield from self.quotes.findings()


def _are_names(text: str) -> bool:
    """Whether a list of this would be accepted where names are asked for."""
    return all(is_name(item.strip()) for item in text.split(","))


def not_allowed(tag: str, text: str | None, item: str = "") -> Words:
    """A tag, or text for people that begins with an exclamation mark, or an item before another."""
    shown = shortened(tag.replace("tag:yaml.org,2002:", "!!"))
    hint = "remove the tag"
    if tag in OTHER_FILES:
        return f"the tag {shown} is not allowed here", "write what the other file has: a registry is one file"
    if item:
        hint = f"write {tag[1:]}, {shortened(item)} if both are meant, or remove the tag"
    if text is not None and tag.startswith("!"):
        hint = f"write {quoted(f'{tag} {text}'.strip())} in quotes if it is text, or remove the tag"
    return f"the tag {shown} is not allowed here", hint
