"""What a refused value may be meant for: edits that are worth trying, by the kind of value that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from unicodedata import combining, normalize

from service.problems import Diagnostic, Edit
from service.registry.lint.catalogue import rules
from service.registry.lint.characters import unmasked
from service.registry.lint.lines import Repair, table
from service.registry.lint.names import Names
from service.registry.lint.nodes import LINE_BREAK, UNREAD, Node, fields
from service.registry.lint.shape import BOOLEANS, Case, expected, name_of, placeholder, states_of
from service.registry.lint.validation import is_valid
from service.registry.schema import is_name, module_fields
from service.wording import closest, completed, either, normalized, shortened

#: What is longer is no name, path or list of names that was meant, in characters.
_LONGEST = 200
_NAMES = ("slug", "use", "needs", "produces", "formerly", "legacy_features")
#: Keys behind which a name stands that should stand alone.
_NAME_KEYS = {"name", "slug", "id", "key", "value", "artifact"}
#: What makes a value of a field one of which nobody knows for certain what is meant.
_DOUBTFUL = dict.fromkeys(_NAMES, r"\S\s+\S|[a-z][A-Z]") | {"api_endpoint": r"^(?!.*\bapi[/\\])", "owner": "_"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss"})


@cache
def _table(name: str) -> dict[str, str]:
    """What people write -> what is meant, of a part of the table of repairs."""
    whole = table()[name]
    if isinstance(whole, list):
        return dict.fromkeys(map(str, whole), name)
    return {str(written): meant for meant, many in whole.items() for written in many}


def said(table: str, text: str) -> str:
    """What a text stands for by a part of the table; empty where it has no such text."""
    return _table(table).get(normalized(plain(unmasked(text))), "") if len(text) <= 30 else ""


def plain(text: str) -> str:
    """Text without accents and ligatures. Long text stays as it is: to sort its marks takes their number squared."""
    if len(text) > _LONGEST:
        return text
    return "".join(one for one in normalize("NFKD", text.translate(_LIGATURES)) if not combining(one))


class Values:
    """What is worth trying in a document of nodes, as it stands in `text`. `names` knows the rest of the file."""

    def __init__(self, root: Node, text: str, names: Names) -> None:
        self.root, self.text, self.names = root, text, names

    def repairs(self, found: Diagnostic) -> Iterator[Repair]:
        """Everything that is worth trying for one diagnostic, the likeliest first."""
        value = _Value(found, self.root, self.text)
        value.names, value.key = self.names, found.place
        for teller in _REPAIRS.get(found.rule, ()):
            for one in teller(value):
                yield one._replace(rule=found.rule, place=found.place, until=max(one.until, one.edits[-1].end))

    def hint(self, found: Diagnostic) -> str:
        """How to mend it where no repair is known, by the schema."""
        return found.hint or rules()[found.rule].hint.format_map(Case(found, self.root, self.text))

    def is_wrapped(self) -> bool:
        """Whether the registry stands below a key, or is what an entry of a list without a name would be."""
        top = fields(self.root)
        return "slug" in top or any("modules" in fields(one) for one in top.values())


class _Value(Case):
    """A refused value, and how the text is edited there."""

    names: Names
    key: int

    @property
    def name(self) -> str:
        """The key that the value has, or the list that it is in."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def parent(self) -> Node:
        """What it is in."""
        return self.root.at(self.path[:-1])

    def put(self, new: str, hint: str = "", cost: float = 1.0, guess: bool = False) -> Repair:
        """Another value in its place."""
        return _repair([Edit(self.node.place, self.node.end, new)], hint or f"write {shortened(new, 120)}", cost, guess)

    def removed(self) -> list[Edit]:
        """The edits that take a field out."""
        return [_out(self.text, self.key, self.node.end)]

    def fits(self, text: str) -> bool:
        """Whether a text could stand there without a clash with the rest of the file."""
        return self.names.fits(self.path, text, self.root)


def _repair(
    edits: Iterable[Edit], hint: str, cost: float = 1.0, guess: bool = False, says: str = "", until: int = -1
) -> Repair:
    return Repair(cost, tuple(edits), says, hint, is_guess=guess, until=until)


# -- Fields ------------------------------------------------------------------------------------------------------------


def _spelled(value: _Value) -> Iterator[Repair]:
    """A field by another name."""
    name, node = value.name, value.node
    absent, word = value.schema["properties"].keys() - value.parent.children, plain(unmasked(name))
    sure = [closest(word, absent), said("fields", name), said("states", name)]
    start = value.key + value.text.startswith(('"', "'"), value.key)
    for one in dict.fromkeys([*sure, completed(word, absent) or "", closest(word, absent, 0.66)]):
        if one in absent:
            cost = 1.0 if one in sure else 1.4
            edit = Edit(start, start + len(name), one)
            yield _repair([edit], f"did you mean {one}?", cost, cost > 1, until=node.end)
    state = said("states", str(node.value))
    if state in absent:
        yield _repair([Edit(value.key, node.end, f"{state}: true")], f"write {state}: true", 0.9)


def _slug_as_key(value: _Value) -> Iterator[Repair]:
    """The slug in place of the name of a field, as in `- scrap:`."""
    name, node, text = value.name, value.node, value.text
    is_empty = node.value is None or (isinstance(node.value, dict) and not node.style)
    if len(value.path) == 3 and "slug" not in value.parent.children and is_empty and is_name(name):
        by = column(text, value.key) - column(text, node.offset)
        edits = [Edit(value.key, text.find(":", value.key) + 1, f"slug: {name}")]
        edits += _moved(text, node.offset, node.end, by) if node.value else []
        says = f"{name}: the slug stands where the name of a field belongs"
        yield _repair(edits, f"write - slug: {name}, and the other fields right below it", 0.6, False, says)


def _in_pieces(value: _Value) -> Iterator[Repair]:
    """A text in both languages as two fields, such as label_fr and label_en."""
    part, own = re.fullmatch(r"(label|description|because)[_.-]?(?:fr|en)", value.name), value.parent.children
    if part is None or value.parent.style or part[1] in own:
        return
    pieces = [one for one in value.parent.keys if re.fullmatch(rf"{part[1]}[_.-]?(?:fr|en)", one)]
    start, end = min(value.parent.keys[one] for one in pieces), max(own[one].end for one in pieces)
    if len(pieces) == 2 and value.text.count("\n", start, end) == 1:
        texts = ", ".join(f"{one[-2:]}: {value.text[own[one].place : own[one].end]}" for one in pieces)
        says = f"{pieces[0]} and {pieces[1]} stand outside {part[1]}"
        edit, hint = Edit(start, end, f"{part[1]}: {{ {texts} }}"), f"write {part[1]}: {{fr: ..., en: ...}}"
        yield _repair([edit], hint, 0.7, False, says)


def _elsewhere(value: _Value) -> Iterator[Repair]:
    """A field that belongs into another mapping of the entry."""
    owners = [one for one, part in module_fields().items() if value.name in part.get("properties", ())]
    if len(value.path) == 3 and owners:
        yield _repair(value.removed(), f"write it in {either(owners)}", 1.3, True)
    elif len(value.path) > 3 and value.name in module_fields():
        hint = f"it is a field of the entry: write it beside {value.path[2]}, not below it"
        yield _repair(value.removed(), hint, 1.1, True)


def _dedented(value: _Value) -> Iterator[Repair]:
    """Fields that stand beside the empty one which they belong to, and not below it."""
    keys, known, parent = value.parent.keys, module_fields(), value.parent
    above = [one for one in keys.keys() & known.keys() if keys[one] < value.key and not parent.style]
    owner = max(above, key=keys.__getitem__, default="slug")
    inner = known[owner].get("properties", {})
    if value.name in inner and parent.children[owner].value is None:
        moved = sorted(keys[one] for one in keys.keys() & inner.keys())
        hint = f"indent it deeper than {owner}, which it belongs to"
        yield _repair([Edit(at, at, "  ") for at in moved], hint, 0.8, until=parent.end)


def _unknown_field(value: _Value) -> Iterator[Repair]:
    if value.name not in value.parent.merged and value.node.used_at is None:
        for teller in (_wrapped, _slug_as_key, _in_pieces, _spelled, _elsewhere, _dedented):
            yield from teller(value)


def _wrapped(value: _Value) -> Iterator[Repair]:
    """The registry itself below a key."""
    node, text = value.node, value.text
    if "modules" in fields(node) and not node.style:
        above = Edit(line_start(text, value.key), line_start(text, node.offset), "")
        hint = "the registry stands below it: move modules: to the left margin"
        yield _repair([above, *_moved(text, node.offset, node.end, -column(text, node.offset))], hint, 0.5)


def _cut_off(value: _Value) -> Iterator[Repair]:
    """An entry whose rest is lost, where the file ends, and even its last line has no end."""
    if len(value.path) == 3 and value.entry.end == len(value.text) and value.text[-1] not in "\n\r]}":
        says = f"the file ends in the middle of {name_of(value.entry, value.path)}"
        hint = "was the rest of the file lost? Bring it back, or write the rest of the entry"
        yield _repair([Edit(value.entry.offset, value.entry.end, f"{UNREAD} x")], hint, 0.5, True, says)


def _again(value: _Value) -> Iterator[Repair]:
    """A key that is given again, as the lost beginning of the next entry."""
    by = column(value.text, value.key)
    if len(value.path) == 3 and by >= 2 and value.text[value.key - by : value.key].isspace():
        hint = "begin each module with a line of its own: - slug: ..."
        yield _repair([Edit(value.key - 2, value.key, "- ")], hint, until=value.parent.end)


# -- Values ------------------------------------------------------------------------------------------------------------


def _nothing(value: _Value) -> Iterator[Repair]:
    """What stands for nothing, where null does."""
    node = value.node
    if value.name == "api_endpoint" and {"is_on_demand", "coming_soon", "is_meta"}.isdisjoint(states_of(value.entry)):
        return
    if "null" in value.schema.get("type", ()) and (node.value in ("", {}) or said("nothing", node.text)):
        yield value.put("null", "write null, or leave the field out, where there is none", 0.9)


def _word(value: _Value) -> Iterator[Repair]:
    """One of a few words, misspelled."""
    if isinstance(value.node.value, str):
        text, known = unmasked(value.node.value).strip(" ,;"), [*filter(None, value.schema["enum"])]
        one = said("words", text) or (closest(text, known, 0.66) if re.fullmatch(r"\w+", text) else "")
        if one in known:
            yield value.put(_item(one), f"did you mean {one}?")


def _misread(value: _Value) -> Iterator[Repair]:
    """A text that YAML reads as something else."""
    node, text = value.node, value.node.text
    dash = value.text[line_start(value.text, node.offset) : node.offset]
    if not value.schema and dash.strip() == "-":
        items = re.sub(r"(\r\n?|\n)[\s-]*", rf"\1{dash}", value.text[node.offset : node.end].rstrip())
        yield value.put(items, "begin each item with a dash and a space", guess=True)
    elif node.value is True and "null" in value.schema.get("type", ()):
        return  # it says that there is one, and not which
    elif node.value is not None and value.schema and is_valid(value.schema, text) and value.fits(text):
        yield value.put(json.dumps(text), f"write {json.dumps(text)} in quotes")


def _boolean(value: _Value) -> Iterator[Repair]:
    word = closest(unmasked(value.node.text).strip(" ,;"), BOOLEANS)
    if word and expected(value.schema) == "boolean":
        meant = str(BOOLEANS[word]).lower()
        yield value.put(meant, f"write {meant}, without quotes")


def _list(value: _Value) -> Iterator[Repair]:
    """Something in place of a list: one item, or a text that lists several."""
    node, text = value.node, value.node.value
    if expected(value.schema) != "array":
        return
    if value.name != "produces" and (text is None or said("nothing", node.text)):
        yield value.put("[]", f"{value.form()}, or leave the field out", guess=not node.text or text is False)
    elif isinstance(text, str):
        parts = re.split(r"[,;|/+&\n]|\s(?:and|et|or|ou)\s", unmasked(text).strip(" []"))
        split = filter(None, (one.strip(" \t\"'`-*•·–") for one in parts))
        # Two words may be one thing with a blank in it: nobody else knows.
        yield value.put(f"[{', '.join(map(_item, split))}]", guess=" " in text and "," not in text)
    elif value.path == ("modules",) and "slug" in fields(node) and not node.style:
        _, *others = _moved(value.text, node.offset, node.end, 2)
        hint = "begin each entry with - slug: ..."
        yield _repair([Edit(node.offset, node.offset, "- "), *others], hint, 0.6, until=node.end)


def _text(value: _Value) -> Iterator[Repair]:
    """A list in place of text, or a mapping around a name."""
    texts = value.node.value
    if isinstance(texts, dict) and len(texts) == 1 and _NAME_KEYS.issuperset(texts):
        texts = [*texts.values()]
    if expected(value.schema) != "string" or not isinstance(texts, list):
        return
    is_one = len(texts) == 1 or (texts and isinstance(value.path[-1], int))
    if is_one and all(isinstance(one, str) for one in texts):
        yield value.put(", ".join(map(_item, texts)))


def _repeated(value: _Value) -> Iterator[Repair]:
    yield _repair(item_removed(value.text, value.parent, int(value.path[-1])), "keep one of the two")


def _well_formed(value: _Value) -> Iterator[Repair]:
    """Text that is not well formed, as it may have been meant."""
    text, field = value.node.value, value.name
    if len(text) > _LONGEST or placeholder(text) or said("todo", text.strip("_.?!<>")):
        return
    right, bare = _RIGHT.get(field), unmasked(text).strip(" ,;\n").strip("\"'`")
    for one in dict.fromkeys(right(bare) if right else [" ".join(text.split())]):
        if one != text and is_valid(value.schema, one) and value.fits(one):
            is_new = field not in _NAMES or not value.names.has(field, one)
            guess = unmasked(text) != text or re.search(_DOUBTFUL.get(field, "^$"), text) is not None
            new = one if right is _days and value.node.is_plain else _item(one)
            yield value.put(new, guess=is_new and guess)


def _untagged(value: _Value) -> Iterator[Repair]:
    """A tag: what it stands for nobody here knows, so that without it the rest may be looked at, and no more."""
    tag = re.compile(r"!(?:<[^>\s]*>|[^\s,\[\]{}]*)[ \t]*").match(value.text, value.key)
    if tag:
        yield _repair([Edit(tag.start(), tag.end(), "")], "", 1.0, True, until=value.node.end)


#: What is worth trying for each rule.
_REPAIRS: dict[str, tuple[Callable[[_Value], Iterator[Repair]], ...]] = {
    "unknown-field": (_unknown_field,),
    "missing-field": (_cut_off,),
    "duplicate-key": (_again,),
    "enum": (_word,),
    "yaml-misread": (_nothing, _boolean, _misread),
    "type": (_nothing, _boolean, _list, _text),
    "blank": (_nothing,),
    "pattern": (_nothing, _well_formed),
    "repeated-item": (_repeated,),
    "unknown-tag": (_untagged,),
}


# -- Texts -------------------------------------------------------------------------------------------------------------


def _item(text: str) -> str:
    """A text in quotes, where it is no simple one."""
    return text if re.fullmatch(r"(?!\d)[\w/][\w' ./@+-]*", text) else json.dumps(text, ensure_ascii=False)


def _parted(text: str) -> str:
    """Text like `ANameOfWords`, with its words apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)


def _of_words(text: str, sign: str) -> str:
    """The words of a text with a sign between them; nothing where a sign that means something would go."""
    text = _parted(plain(text)).lower().strip(" .!?()[]")
    return re.sub(r"[^a-z0-9]+", sign, text).strip(sign) if re.fullmatch(r"[a-z0-9\s_.'-]+", text) else ""


def _names(text: str) -> list[str]:
    """Well-formed names that a malformed one may be meant for, the likeliest first."""
    return [one for one in (_of_words(text, "_"), normalized(plain(text))) if is_name(one)]


def _endpoints(path: str) -> list[str]:
    path = re.sub(r"^(?:(?:GET|POST|PUT|PATCH|DELETE)\s+)?(?:[a-z]+://[^/]*)?(?:.*(?=/api/))?", "", path)
    segments = [one for one in re.split(r"[/\\]+", path) if one]
    if segments and closest(segments[0], ["api"], 0.6):
        del segments[0]
    is_path = segments and all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in segments)
    return ["/api/" + "/".join(segments)] if is_path and not said("states", path) else []


def _pages(path: str) -> list[str]:
    path = re.sub(r"^https?://[^/]*|(?:\.(?:html?|php|aspx?|jsp))?(?:[?#].*)?$", "", path.rstrip("/")).strip("/")
    return [_of_words(path.removeprefix("features/"), "-")]


def _documents(path: str) -> list[str]:
    first, slash, _ = path.partition("/")
    if re.search(r"[\s,;]", path) or not slash:
        return []
    return [re.sub("^https?:?/+", "https://", path), f"https://{path}" if "." in first else f"/{path}"]


def _days(text: str) -> list[str]:
    """The day that is meant: where the year comes last, that with a month that there is, if it is one alone."""
    if found := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[Tt ]\d\d:\d\d.*)?", text):
        return [f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"]
    found = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)
    return [f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"] if found and int(found[1]) > 12 else []


#: Values that a malformed one of a field may be meant for.
_RIGHT: dict[str, Callable[[str], list[str]]] = {
    **dict.fromkeys(_NAMES, _names),
    **dict.fromkeys(("since", "removed_after", "date"), _days),
    "owner": lambda text: [*filter(None, [_of_words(text, "-")]), plain(text).lower()],
    "api_endpoint": _endpoints,
    "feature_page": _pages,
    "documentation": _documents,
}


# -- Lines -------------------------------------------------------------------------------------------------------------


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def column(text: str, offset: int) -> int:
    """The column of an offset, counted from 0."""
    return offset - line_start(text, offset)


def _moved(text: str, offset: int, end: int, by: int) -> list[Edit]:
    """The edits that indent the lines from that of an offset on, or take their indentation away."""
    lines = re.compile(rf"^ {{{max(0, -by)}}}(?=.*\S)", re.MULTILINE).finditer(text, line_start(text, offset), end)
    return [Edit(one.start(), one.end(), " " * by) for one in lines]


def _out(text: str, start: int, end: int, lead: str = "") -> Edit:
    """The edit that takes a part of a mapping or a list out: its lines, where only `lead` is before it, or its part."""
    line = line_start(text, start)
    if text[line:start].strip() == lead:
        after = LINE_BREAK.search(text, end)
        return Edit(line, after.end() if after else len(text), "")
    comma = re.compile(r"\s*,\s*").match(text, end)
    return Edit(start, comma.end(), "") if comma else Edit(len(text[:start].rstrip(", ")), end, "")


def item_removed(text: str, listed: Node, number: int) -> tuple[Edit, ...]:
    """The edits that take an item out of a list: its line, or its part of the brackets."""
    item = listed.children[number]
    return (_out(text, item.place, item.end, "-"),)
