"""What may be written where the cursor stands: fields, values, whole entries; and what is said of what stands there.

A file that is being typed is hardly ever valid YAML at that moment. Only the entry around the cursor is read. A mark
stands for what will be typed, and is found among the values then.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any, NamedTuple

from service.lsp.document import Document, Mention, modules_of, root_of
from service.registry.graph import by_artifact
from service.registry.lint.catalogue import rules
from service.registry.lint.names import names_in
from service.registry.lint.nodes import Node, Path, fields, is_true, items, text_of
from service.registry.model import STATE_FLAGS, ModuleState
from service.registry.schema import Schema, inlined, is_name, is_valid, module_fields, schema
from service.wording import joined, json_text, printable, shortened

#: Stands for what will be typed: a character for private use, which YAML allows in text.
MARK = "\ue000"
#: A longer entry is none that somebody types, in characters: it is read several times.
_LONGEST_ENTRY = 16 * 1024
#: What may close the brackets and braces before the mark.
_CLOSING = ("", "]", "}", "]}", "}}", "}]", "]}]", "}}]")
_SECTION = re.compile(rf"^({'|'.join(schema()['properties'])}):", re.MULTILINE)
_ENTRY = re.compile(r"^ *- +(?:[&*]\S+ +)?(?:\{|[\w<]+ *:)", re.MULTILINE)
_ITEM = re.compile(r"^ *-(?: |$)", re.MULTILINE)
#: Where an entry has ended: at the next one, or at the left margin.
_NEXT = re.compile(rf"\n(?={_ENTRY.pattern}|\w)", re.MULTILINE)
_WORD = re.compile(r"\w*")
#: Of a text from the file, what is shown at most, in characters.
_MOST_SHOWN = 200


class Context(NamedTuple):
    """Where the cursor is, in a word from `start` to `end`, which are offsets of the text.

    `path` leads to the value, or to the mapping of a name (`is_key`), from the root of the document; the numbers in it
    are not those of the file, since only a part was read. `around` is the mapping or list that it is in, and `entry`
    the module, or what else is two levels deep. A value is on its `own_line` where its field is named on another one.
    """

    path: Path
    is_key: bool
    around: Node
    entry: Node
    start: int
    end: int
    own_line: bool = False


class Suggestion(NamedTuple):
    """One thing that may be written. `insert` is in the syntax of LSP's snippets: $1 is the first place to fill.

    `kind` is the protocol's: a Property, an EnumMember, a Reference to a name of the file, a Snippet for an entry.
    """

    label: str
    kind: str
    insert: str
    detail: str = ""
    documentation: str = ""


def complete(document: Document, offset: int) -> tuple[Context, list[Suggestion]] | None:
    """Where an offset is, and what may be written there in place of the word; None where nothing can be said."""
    place = context(document.text, offset)
    if place is None or not (part := schema_of(place.path)):
        return None
    typed = document.text[place.start : offset].lower()
    said = [each for each in _suggestions(place, part, document.known) if typed in each.label.lower()]
    if document.text[place.end :].lstrip(" \t").startswith(":"):  # the word is a name already, and gets another
        said = [each._replace(insert=each.label) for each in said if each.kind == "Property"]
    return place, said


def schema_of(path: Path) -> Schema:
    """What the schema says of the value at a path; nothing of an unknown field."""
    part: Schema = inlined()
    for segment in path:
        part = part.get("items", {}) if isinstance(segment, int) else part.get("properties", {}).get(segment, {})
    return part


def field_of(path: Path) -> str:
    """The name of the field that a path leads to, or to an item of which."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def words_of(part: Schema) -> dict[str, str]:
    """The words that the schema knows for a value, each with what it says of it."""
    known = {"true": "", "false": ""} if part.get("type") == "boolean" else {}
    known |= zip(part.get("enum", ()), part.get("enumDescriptions", ()), strict=False)
    return {word: said for word, said in known.items() if word}


def _suggestions(place: Context, part: Schema, known: Node | None) -> Iterator[Suggestion]:
    inner = part.get("items", {})
    if "properties" in inner:
        yield from _entries(place, inner, "- ") if place.own_line else ()
    elif "properties" not in part:
        form = "{}" if not inner else "- {}" if place.own_line else "[{}]"
        for each in _values(place, inner or part, modules_of(known)):
            yield each._replace(insert=form.format(each.insert))
    elif place.is_key or place.own_line or not fields(place.around):
        yield from _entries(place, part, "") if items(place.around) else ()
        yield from _fields(place, part, known)
    else:
        yield Suggestion(_flow(dict.fromkeys(part["required"], "...")), "EnumMember", _begun(part).strip())


def _entries(place: Context, part: Schema, dash: str) -> Iterator[Suggestion]:
    """Whole entries to begin with, one for each kind of module: the schema has them."""
    for snippet in part.get("defaultSnippets", []) if not place.around.style else ():
        lines = [f"{name}: {_flow(said)}" for name, said in snippet["body"].items()]
        entry = dash + "\n  ".join(lines)
        yield Suggestion(snippet["label"], "Snippet", entry, snippet["description"], "\n".join(lines))


def _flow(value: Any) -> str:
    """A mapping in flow style; a text as it is, and the boolean true."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name}: {_flow(item)}' for name, item in value.items())} }}"
    return "true" if value is True else str(value)


def _fields(place: Context, part: Schema, known: Node | None) -> Iterator[Suggestion]:
    given = {*fields(place.around if place.is_key else None), *fields(None if place.path else known)}
    states = {flag: True for flag in STATE_FLAGS if is_true(place.around, flag)}
    conditions = {"dependentSchemas": part.get("dependentSchemas", {})}
    for name, field in part["properties"].items():
        if name not in given and is_valid(conditions, {**states, name: field.get("examples", [None])[0]}):
            insert = f"{name}: ${{1:{path}}}" if (path := _path(name, place)) else f"{name}:{_begun(field)}"
            is_needed, said = name in part["required"], field.get("description", "")
            yield Suggestion(name, "Property", insert, "required" if is_needed else "", said)


def _begun(part: Schema) -> str:
    """What to write behind a name and its colon: a value or the beginning of one, with places to fill."""
    if part.get("type") == "boolean":
        return " true"
    if "enum" in part:
        return f" ${{1|{','.join(filter(None, part['enum']))}|}}"
    if "properties" in part:
        number = count(1)
        return re.sub(r"\$", lambda _: f"${next(number)}", f" {_flow(_needed(part))}")
    if "items" in part:
        return "\n  " if "properties" in part["items"] else " [$1]"
    return " "


def _needed(part: Schema) -> Any:
    """A mapping with the fields that it needs, each with a place to fill."""
    if "properties" not in part:
        return "$" if "format" in part else '"$"'
    return {name: _needed(part["properties"][name]) for name in part["required"]}


def _values(place: Context, part: Schema, modules: list[Node]) -> Iterator[Suggestion]:
    for word, said in (words := words_of(part)).items():
        yield Suggestion(word, "EnumMember", word, "", said)
    listed = {*words, *(item.text for item in items(place.around))}
    for name, detail in _known(field_of(place.path), place, modules).items():
        if name not in listed and is_valid(part, name):
            yield Suggestion(name, "Reference", name, detail)


def _known(field: str, place: Context, modules: list[Node]) -> dict[str, str]:
    """What a field may say that the schema does not know, with a detail of each."""
    if field in ("since", "date"):
        return {date.today().isoformat(): "today"}
    if field == "owner":
        return {text_of(entry, "owner"): "" for entry in modules}
    if field == "use":
        labels = {text_of(entry, "slug"): text_of(fields(entry).get("label", entry), "en") for entry in modules}
        labels.pop(text_of(place.entry, "slug"), None)
        return labels
    if field not in ("needs", "produces"):
        return {_path(field, place): ""}
    makers = by_artifact({entry: [name.text for name in names_in(entry, "produces")] for entry in modules})
    return {name: f"from {joined([text_of(each, 'slug') for each in makers[name]])}" for name in makers}


def _path(field: str, place: Context) -> str:
    """Return the path that a field of a module most likely has: its x-path, and the slug. Empty if it has none."""
    slug, path = text_of(place.entry, "slug"), module_fields().get(field, {}).get("x-path")
    return path + slug.replace("_", "-") if path and is_name(slug) else ""


def context(text: str, offset: int) -> Context | None:
    """Where the cursor at an offset is; None where nothing can be said, such as in a comment or between quotes."""
    end = _WORD.match(text, offset).end()  # type: ignore[union-attr]  # it matches anything
    for before, after in _readings(text, end):
        root = root_of(before + after)
        if root is not None and (at_mark := _marked(root, before, end)):
            return at_mark
    return None


def _marked(root: Node, before: str, end: int) -> Context | None:
    """Where the plain word is that ends with the mark, at the end of `before`."""
    stop, node, around = len(before), root, root
    key, path = stop, Path()
    while node.children:
        for name, at in node.keys.items():
            if at + len(name) == stop:
                return Context(path, True, node, root.at(path[:2]), end + 1 - len(name), end)
        parts = fields(node).items() or enumerate(items(node))
        inner = next(((part, child) for part, child in parts if child.place < stop <= child.end), None)
        if inner is None:
            return None
        key, path = node.keys.get(str(inner[0]), stop), (*path, inner[0])
        around, node = node, inner[1]
    if not (node.is_plain and node.end == stop and before.endswith(node.text)):
        return None
    word = node.text.rpartition(" ")[2]
    return Context(path, False, around, root.at(path[:2]), end + 1 - len(word), end, "\n" in before[key:])


def _readings(text: str, end: int) -> Iterator[tuple[str, str]]:
    """Parts of the text up to the mark, and what may follow it, the more likely ones first.

    The former are the entry around, the item around, the whole section, the latter the rest of the entry, that of the
    line, what closes brackets. With a colon, an item would seem to be the name of a field: it is a value first.
    """
    ends = _NEXT.search(text, end)
    rest = text[end : min(ends.start() if ends else len(text), end + _LONGEST_ENTRY)]
    sections = [*_SECTION.finditer(text, 0, end)][-1:]
    begin = sections[0].start() if sections else 0
    parts = []
    for pattern in (_ENTRY, _ITEM) if sections else ():
        for match in [*pattern.finditer(text, max(begin, end - _LONGEST_ENTRY), end)][-1:]:
            parts.append(f"{sections[0][1]}:\n{text[match.start() : end]}")
    for part in (*parts, text[begin:end]):
        for after in (rest, rest.partition("\n")[0], *_CLOSING) if len(part) <= _LONGEST_ENTRY else ():
            yield from ((part + MARK, after), (part + MARK, f":{after}"))


def hover(document: Document, offset: int) -> str:
    """What is said of what stands at an offset; nothing where there is nothing to say."""
    broken = {each.rule: rules()[each.rule] for each in document.problems_between(offset, offset)}
    parts = [f"**{name}**: {rule.title}\n\n{rule.why.strip()}" for name, rule in broken.items()]
    if mention := document.mention_at(offset):
        parts += _of_name(mention, modules_of(document.root))
    elif place := context(document.text, offset):
        word = document.text[place.start : place.end]
        parts += _described((*place.path, word) if place.is_key else place.path, word)
    return "\n\n---\n\n".join(parts)


def _described(path: Path, word: str) -> Iterator[str]:
    """What the schema says of a value that it knows, or of the field."""
    part = schema_of(path)
    if word in words_of(part):
        yield f"**{word}**: {words_of(part)[word]}"
    elif path and "description" in part:
        default = f" Default: `{json_text(part['default'])}`." if "default" in part else ""
        form = f"\n\n{part['x-form'][0].upper()}{part['x-form'][1:]}." if "x-form" in part else ""
        yield f"**{field_of(path)}**: {part['description']}{default}{form}"


def _of_name(mention: Mention, modules: list[Node]) -> Iterator[str]:
    name = mention.name
    if mention.is_artifact:
        makers, users = (_having(modules, field, {name}) or "nobody" for field in ("produces", "needs"))
        yield f"**{name}**, an artifact  \nProduced by {makers}  \nNeeded by {users}"
    elif mention.role == "removed":
        since, use = (_code(text_of(mention.entry, field)) for field in ("date", "use"))
        yield f"**{name}**, a module that is gone since {since}  \nUse instead: {use}"
    else:
        for entry in modules:
            if text_of(entry, "slug") == name or name in _said(entry, "formerly"):
                yield "  \n".join(_module(entry, modules))


def _said(entry: Node, field: str) -> set[str]:
    return {node.text for node in names_in(entry, field)}


def _having(modules: list[Node], field: str, artifacts: set[str]) -> str:
    """The modules that have one of some artifacts in a field, in words."""
    return joined([_code(text_of(entry, "slug")) for entry in modules if artifacts & _said(entry, field)])


def _module(entry: Node, modules: list[Node]) -> Iterator[str]:
    state = next((each for each in ModuleState if each.flag and is_true(entry, each.flag)), ModuleState.ACTIVE)
    slug, category = text_of(entry, "slug"), _code(text_of(entry, "category"))
    yield f"**{slug}**, a module: {state.bucket.replace('_', ' ')}, in {category}"
    said = {name: [text_of(fields(entry).get(name, entry), "en")] for name in ("label", "description")}
    said |= {name: [node.text for node in names_in(entry, name)] for name in ("needs", "produces")}
    for name, texts in (said | {"api_endpoint": [text_of(entry, "api_endpoint")]}).items():
        if any(texts):
            yield f"{name}: {joined([*map(_code, texts)])}"
    if users := _having(modules, "needs", _said(entry, "produces")):
        yield f"what it produces is needed by {users}"
    if end := fields(entry).get("deprecated"):
        after, use = (_code(text_of(end, field)) for field in ("removed_after", "use"))
        yield f"deprecated: may be removed after {after}, use {use}"


def _code(text: str) -> str:
    """A value from the file as a code span, where Markdown means nothing."""
    shown = shortened(printable(text), _MOST_SHOWN).replace("`", "'")
    return f"`{shown}`" if text else "nothing"
