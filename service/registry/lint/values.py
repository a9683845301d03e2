"""What a refused value may be meant for: edits that are worth trying, by the kind of value that is asked for."""

import re
from collections.abc import Callable, Iterator

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import unmask
from service.registry.lint.document import name_entry
from service.registry.lint.edits import column, indent_lines, remove_item, remove_part
from service.registry.lint.lines import Repair
from service.registry.lint.names import Names
from service.registry.lint.nodes import UNREAD, Node, fields, line_start
from service.registry.lint.shape import BOOLEANS, Case, expected, placeholder
from service.registry.lint.vocabulary import LONGEST_NAME as _LONGEST
from service.registry.lint.vocabulary import look_up, strip_accents
from service.registry.model import STATE_FLAGS
from service.registry.schema import is_name, is_valid, module_fields
from service.wording import closest, completed, either, is_one_slip, json_text, normalized, shortened

_NAMES = ("slug", "use", "needs", "produces", "formerly", "legacy_features")
#: Keys behind which a name stands that should stand alone.
_NAME_KEYS = {"name", "slug", "id", "key", "value", "artifact"}
#: What makes a value of a field one of which nobody knows for certain what is meant.
_DOUBTFUL = dict.fromkeys(_NAMES, r"\S\s+\S|[a-z][A-Z]") | {"api_endpoint": r"^(?!.*\bapi[/\\])|//[^/]*/(?!api/)"}
_DOUBTFUL |= {"owner": "_", "documentation": r"^(?!https?:|www\.)[^/]*\."}


def _is_slip(text: str, word: str, is_boolean: bool) -> bool:
    """Whether a text is certainly meant for a word: one slip away, or none. To be true or not hangs on one letter."""
    text = normalized(text)
    is_other = is_boolean and (len(text) < 4 or (len(text) == len(word) and sorted(text) != sorted(word)))
    return text == word or (is_one_slip(text, word) and not is_other)


def repairs_of_value(diagnostic: Diagnostic, root: Node, text: str, names: Names) -> Iterator[Repair]:
    """Everything that is worth trying for a diagnostic of a document, the likeliest first.

    `root` is what its `text` says, and `names` knows the rest of the file.
    """
    value = _Value(diagnostic, root, text, names)
    try:
        node = value.node
    except LookupError:  # its path leads nowhere, as under a key that is given again
        return
    if diagnostic.rule == "unknown-field" and (value.name in value.parent.merged or node.used_at is not None):
        return  # it is written elsewhere
    for teller in _REPAIRS.get(diagnostic.rule, ()):
        for repair in teller(value):
            until = repair.until if repair.until >= 0 else repair.edits[-1].end
            yield repair._replace(rule=diagnostic.rule, place=diagnostic.place, until=until)


class _Value(Case):
    """A refused value, and how the text is edited there."""

    def __init__(self, diagnostic: Diagnostic, root: Node, text: str, names: Names) -> None:
        super().__init__(diagnostic, root, text)
        self.names, self.key = names, diagnostic.place

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
        edit, hint = Edit(self.node.place, self.node.end, new), hint or f"write {shortened(new, 120)}"
        return Repair(cost, (edit,), "", hint, is_guess=guess)

    def fits(self, text: str) -> bool:
        """Whether a text could stand there without a clash with the rest of the file."""
        return self.names.fits(self.name, text, self.entry)


def _spelled(value: _Value) -> Iterator[Repair]:
    """A field by another name."""
    name, node, known = value.name, value.node, value.schema["properties"]
    absent, word = {*known} - value.parent.children.keys(), strip_accents(unmask(name))
    near = [*filter(None, (closest(word, absent, 0.66), completed(word, absent)))]
    sure = [look_up("states", name), look_up("fields", name), closest(word, absent)]
    if sure[2] and expected(known[sure[2]]) == "boolean" and not _is_slip(word, sure[2], is_boolean=True):
        del sure[2]
    start = value.key + value.text.startswith(('"', "'"), value.key)
    for field in dict.fromkeys([*sure, *near]):
        if field in absent:
            is_guess, edit = field not in sure, Edit(start, start + len(name), field)
            yield Repair(1.0 + 0.4 * is_guess, (edit,), "", f"did you mean {field}?", is_guess=is_guess, until=node.end)
    state = look_up("states", str(node.value))
    if state in absent:
        edits = (Edit(value.key, node.end, f"{state}: true"),)
        yield Repair(0.9, edits, "", f"write {state}: true", is_guess=True)  # it may be said of something else
    if "active" in (state, look_up("states", name)):
        hint = f"a module is active unless {either([*STATE_FLAGS])} is true"
        yield Repair(1.5, (remove_part(value.text, value.key, node.end),), "", hint, is_guess=True)


def _slug_as_key(value: _Value) -> Iterator[Repair]:
    """The slug in place of the name of a field, as in `- scrap:`."""
    name, node, text = value.name, value.node, value.text
    is_empty = node.value is None or (isinstance(node.value, dict) and not node.style)
    if len(value.path) == 3 and "slug" not in value.parent.children and is_empty and is_name(name):
        by = column(text, value.key) - column(text, node.offset)
        edit = Edit(value.key, text.find(":", value.key) + 1, f"slug: {name}")
        moved = indent_lines(text, node.offset, node.end, by) if node.value else []
        says = f"{name}: the slug stands where the name of a field belongs"
        yield Repair(0.6, (edit, *moved), says, f"write - slug: {name}, and the other fields right below it")


def _in_pieces(value: _Value) -> Iterator[Repair]:
    """A text in both languages as two fields, such as label_fr and label_en."""
    part, own = re.fullmatch(r"(label|description|because)[_.-]?(?:fr|en)", value.name), value.parent.children
    if part is None or value.parent.style or part[1] in own:
        return
    pieces = [name for name in value.parent.keys if re.fullmatch(rf"{part[1]}[_.-]?(?:fr|en)", name)]
    start, end = min(value.parent.keys[name] for name in pieces), max(own[name].end for name in pieces)
    if len(pieces) == 2 and value.text.count("\n", start, end) == 1:
        texts = ", ".join(f"{name[-2:]}: {value.text[own[name].place : own[name].end]}" for name in pieces)
        says = f"{pieces[0]} and {pieces[1]} stand outside {part[1]}"
        edit = Edit(start, end, f"{part[1]}: {{ {texts} }}")
        yield Repair(0.7, (edit,), says, f"write {part[1]}: {{fr: ..., en: ...}}")


def _elsewhere(value: _Value) -> Iterator[Repair]:
    """A field that belongs into another mapping of the entry."""
    owners = [name for name, part in module_fields().items() if value.name in part.get("properties", ())]
    removed = (remove_part(value.text, value.key, value.node.end),)
    if len(value.path) == 3 and owners:
        yield Repair(1.3, removed, "", f"write it in {either(owners)}", is_guess=True)
    elif len(value.path) > 3 and value.name in module_fields():
        hint = f"it is a field of the entry: write it beside {value.path[2]}, not below it"
        yield Repair(1.1, removed, "", hint, is_guess=True)


def _dedented(value: _Value) -> Iterator[Repair]:
    """Fields that stand beside the empty one which they belong to, and not below it."""
    keys, known, parent = value.parent.keys, module_fields(), value.parent
    above = [name for name in keys.keys() & known.keys() if keys[name] < value.key and not parent.style]
    owner = max(above, key=keys.__getitem__, default="slug")
    inner = known[owner].get("properties", {})
    if value.name in inner and parent.children[owner].value is None:
        moved = sorted(keys[name] for name in keys.keys() & inner.keys())
        hint = f"indent it deeper than {owner}, which it belongs to"
        yield Repair(0.8, tuple(Edit(at, at, "  ") for at in moved), "", hint, until=parent.end)


def _wrapped(value: _Value) -> Iterator[Repair]:
    """The registry itself below a key."""
    node, text = value.node, value.text
    if "modules" in fields(node) and not node.style:
        above = Edit(line_start(text, value.key), line_start(text, node.offset), "")
        hint = "the registry stands below it: move modules: to the left margin"
        edits = (above, *indent_lines(text, node.offset, node.end, -column(text, node.offset)))
        yield Repair(0.5, edits, "", hint, until=node.offset)


def _cut_off(value: _Value) -> Iterator[Repair]:
    """An entry whose rest is lost, where the file ends, and even its last line has no end."""
    if len(value.path) == 3 and value.entry.end == len(value.text) and value.text[-1] not in "\n\r]}":
        says = f"the file ends in the middle of {name_entry(value.entry, value.path)}"
        hint = "was the rest of the file lost? Bring it back, or write the rest of the entry"
        edit = Edit(value.entry.offset, value.entry.end, f"{UNREAD} x")
        yield Repair(0.5, (edit,), says, hint, is_guess=True)


def _again(value: _Value) -> Iterator[Repair]:
    """A key that is given again, as the lost beginning of the next entry."""
    by = column(value.text, value.key)
    if len(value.path) == 3 and by >= 2 and value.text[value.key - by : value.key].isspace():
        hint = "begin each module with a line of its own: - slug: ..."
        yield Repair(1.0, (Edit(value.key - 2, value.key, "- "),), "", hint, until=value.parent.end)


def _nothing(value: _Value) -> Iterator[Repair]:
    """What stands for nothing, where null does."""
    node = value.node
    if "null" in value.schema.get("type", ()) and (node.value in ("", {}) or look_up("nothing", node.text)):
        yield value.put("null", "write null, or leave the field out, where there is none", 0.9)


def _word(value: _Value) -> Iterator[Repair]:
    """One of a few words, misspelled."""
    if isinstance(value.node.value, str):
        text, known = unmask(value.node.value).strip(" ,;"), [*filter(None, value.schema["enum"])]
        word = look_up("words", text) or (closest(text, known, 0.66) if re.fullmatch(r"\w+", text) else "")
        if word in known:
            is_sure = look_up("words", text) == word or _is_slip(text, word, False)
            yield value.put(_item(word), f"did you mean {word}?", guess=not is_sure)


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
        yield value.put(json_text(text), f"write {json_text(text)} in quotes")


def _boolean(value: _Value) -> Iterator[Repair]:
    text = unmask(value.node.text).strip(" ,;\"'")
    word = closest(text, BOOLEANS)
    if word and expected(value.schema) == "boolean":
        meant = str(BOOLEANS[word]).lower()
        yield value.put(meant, f"write {meant}, without quotes", guess=not _is_slip(text, word, True))


def _list(value: _Value) -> Iterator[Repair]:
    """Something in place of a list: one item, or a text that lists several."""
    node, text = value.node, value.node.value
    if expected(value.schema) != "array":
        return
    if value.name != "produces" and (text is None or look_up("nothing", node.text)):
        yield value.put("[]", f"{value.form()}, or leave the field out", guess=not node.text or text is False)
    elif isinstance(text, str):
        parts = re.split(r"[,;|/+&\n]|\s(?:and|et|or|ou)\s", unmask(text).strip(" []"))
        split = filter(None, (item.strip(" \t\"'`-*•·–") for item in parts))
        # Two words may be one thing with a blank in it: nobody else knows.
        yield value.put(f"[{', '.join(map(_item, split))}]", guess=" " in text and "," not in text)
    elif value.path == ("modules",) and "slug" in fields(node) and not node.style:
        _, *others = indent_lines(value.text, node.offset, node.end, 2)
        edits = (Edit(node.offset, node.offset, "- "), *others)
        yield Repair(0.6, edits, "", "begin each entry with - slug: ...", until=node.end)


def _text(value: _Value) -> Iterator[Repair]:
    """A list in place of text, or a mapping around a name."""
    texts = value.node.value
    if isinstance(texts, dict) and _NAME_KEYS.issuperset(texts):
        texts = [*texts.values()]
    is_one = isinstance(texts, list) and (len(texts) == 1 or isinstance(value.path[-1], int))
    if is_one and expected(value.schema) == "string" and all(isinstance(each, str) for each in texts):
        yield value.put(", ".join(map(_item, texts)))


def _repeated(value: _Value) -> Iterator[Repair]:
    yield Repair(1.0, remove_item(value.text, value.parent, int(value.path[-1])), "", "keep one of the two")


def _well_formed(value: _Value) -> Iterator[Repair]:
    """Text that is not well formed, as it may have been meant."""
    text, field = value.node.value, value.name
    if len(text) > _LONGEST or placeholder(text) or look_up("todo", text.strip("_.?!<>")):
        return
    right = _RIGHT.get(field, _spaced)
    is_prose = right is _spaced and is_valid(value.schema, *_spaced(text))
    plain_text = text if is_prose else unmask(text)
    for form in right(plain_text.strip(" ,;\n").strip("\"'`")):
        if form != text and is_valid(value.schema, form) and value.fits(form):
            is_doubtful = plain_text != text or re.search(_DOUBTFUL.get(field, "^$"), text) is not None
            new = form if right is _days and value.node.is_plain else _item(form)
            yield value.put(new, guess=is_doubtful and not value.names.has(field, form))


def _untagged(value: _Value) -> Iterator[Repair]:
    """A tag: what it stands for nobody here knows, so that without it the rest may be looked at, and no more."""
    tag = re.compile(r"!(?:<[^>\s]*>|[^\s,\[\]{}]*)[ \t]*").match(value.text, value.key)
    if tag:
        yield Repair(1.0, (Edit(tag.start(), tag.end(), ""),), "", "", is_guess=True, until=value.node.end)


#: What is worth trying for each rule.
_REPAIRS: dict[str, tuple[Callable[[_Value], Iterator[Repair]], ...]] = {
    "unknown-field": (_wrapped, _slug_as_key, _in_pieces, _spelled, _elsewhere, _dedented),
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


def _item(text: str) -> str:
    """A text in quotes, where it is no simple one."""
    return text if re.fullmatch(r"(?!\d)[\w/][\w' ./@+-]*", text) else json_text(text)


def _of_words(text: str, sign: str) -> str:
    """The words of a text, also like `aName`, with a sign between them; nothing where it has one with a meaning."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", strip_accents(text))
    text = parted.lower().strip(" .!?()[]")
    return re.sub(r"[^a-z0-9]+", sign, text).strip(sign) if re.fullmatch(r"[a-z0-9\s_.'-]+", text) else ""


def _names(text: str) -> list[str]:
    """Well-formed names that a malformed one may be meant for, the likeliest first."""
    return [name for name in (_of_words(text, "_"), normalized(strip_accents(text))) if is_name(name)]


def _endpoints(path: str) -> list[str]:
    path = re.sub(r"^(?:(?:GET|POST|PUT|PATCH|DELETE)\s+)?(?:[a-z]+://[^/]*)?(?:.*(?=/api/))?", "", path)
    segments = [part for part in re.split(r"[/\\]+", path) if part]
    if segments and closest(segments[0], ["api"], 0.6):
        del segments[0]
    is_path = segments and all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in segments)
    return ["/api/" + "/".join(segments)] if is_path and not look_up("states", path) else []


def _pages(path: str) -> list[str]:
    path = re.sub(r"^https?://[^/]*|(?:\.(?:html?|php|aspx?|jsp))?(?:[?#].*)?$", "", path.rstrip("/")).strip("/")
    return [_of_words(path.removeprefix("features/"), "-")]


def _spaced(text: str) -> list[str]:
    return [" ".join(text.split())]


def _documents(path: str) -> list[str]:
    first, slash, _ = path.partition("/")
    if re.search(r"[\s,;]|^\.", path) or not slash or (first.endswith(":") and not first.startswith("http")):
        return []
    return [re.sub("^https?:?/+", "https://", path), f"https://{path}" if "." in first else f"/{path}"]


def _days(text: str) -> list[str]:
    """The day that is meant: where the year comes last, that with a month that there is, if it is one alone."""
    if match := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[Tt ]\d\d:\d\d.*)?", text):
        return [f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"]
    match = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)
    return [f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"] if match and int(match[1]) > 12 else []


#: Values that a malformed one of a field may be meant for.
_RIGHT: dict[str, Callable[[str], list[str]]] = {
    **dict.fromkeys(_NAMES, _names),
    **dict.fromkeys(("since", "removed_after", "date"), _days),
    "owner": lambda text: [*filter(None, [_of_words(text, "-")]), strip_accents(text).lower()],
    "api_endpoint": _endpoints,
    "feature_page": _pages,
    "documentation": _documents,
}
