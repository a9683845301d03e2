"""What is most likely a mistake in the text of one entry: lost letters, markup, languages in each other's place.

Nothing here is wrong by the schema, so each of these is a warning, and reports only what is rarely meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache, partial

from service.problems import Edit
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.extent import end_of
from service.registry.check.languages import Languages
from service.registry.check.validation import is_valid
from service.registry.schema import module_fields
from service.registry.text.lines import IN_LANGUAGES
from service.registry.text.nodes import Finding, Node, Words
from service.registry.text.source import Source
from service.wording import quoted

#: What UTF-8 is taken for, the most frequent first, and how often in a row.
_TAKEN_FOR = ("cp1252", "cp850", "mac_roman")
#: The continuation bytes of UTF-8, 0x80 to 0xBF, as they look in each of these.
_LATER, _ON_CONSOLES, _ON_MACS = (
    "[" + re.escape("".join(bytes([byte]).decode(page, "ignore") for byte in range(0x80, 0xC0))) + "]"
    for page in _TAKEN_FOR
)
#: Behind them, é and ’ in the code pages of a Windows console (850) and of old Macs.
_MOJIBAKE = re.compile(
    f"[\u00c2-\u00df]{_LATER}|[\u00e0-\u00ef]{_LATER}{{2}}|[\u00f0-\u00f4]{_LATER}{{3}}"
    f"|(?:[\u251c\u252c]|\u00d4\u00c7){_ON_CONSOLES}|(?:[\u221a\u00ac]|\u201a\u00c4){_ON_MACS}"
)
_MOST_TIMES = 3
#: A letter inside a word that became a question mark; addresses have them, too.
_LOST = re.compile(r"(?<![\w/.?&=])[^\W\d_]{1,30}\?[^\W\d_A-Z]{1,30}\b(?![=/&?])")
#: What French and English text has beyond ASCII: Latin letters, punctuation, the euro, and emoji.
_PLAUSIBLE = re.compile("[\u00a0-\u017f\u2010-\u2044\u20ac\u2122\ufffd\U0001f000-\U0010ffff]")

#: Marks, embeddings, overrides and isolates (Unicode 16, UAX 9): what follows them is shown in another order.
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_ELEMENTS = (
    "a|abbr|b|blockquote|body|br|button|code|del|div|em|font|h[1-6]|hr|html|i|iframe|img|input|ins|li|mark|ol|p|pre|"
    "script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul"
)
_ELEMENT = re.compile(rf"</?(?:{_ELEMENTS})(?:\s[^<>]{{0,200}})?/?>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")

_LEFT_TO_DO = re.compile(r"\b(?:TODO|FIXME|TBD)\b|\b[Ll]orem [Ii]psum\b")
_NOTHING_ELSE = {"todo", "fixme", "tbd", "tbc", "wip", "xxx", "???", "placeholder", "changeme", "change me", ""}
_NOTHING_ELSE |= {"to translate", "translate me", "to be defined", "à traduire", "à compléter", "à définir"}
#: What stands around such a word.
_AROUND = " .:!-_*()[]<>"

#: How people write that there is nothing, as names: null says it, and these are names like others.
_NO_NAME = {"none", "null", "nil", "na", "n-a", "nan", "undefined", "aucun", "aucune", "non"}


def text_warnings(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """What looks mistaken in the values of each entry, on its own."""
    entries = (*document.entries, *document.removed)
    languages = Languages((fr, en) for entry in entries for _, _, fr, en in _in_both(entry))
    for entry in entries:
        for field, node in _texts(entry):
            yield from _of_text(source, entry, field, node)
        yield from _swapped(languages, entry)
        yield from _no_page(source, entry)
        yield from _emptied(source, entry)
    yield from _direction_anywhere(source)


def _translated(entry: Entry) -> Iterator[tuple[str, Node, dict[str, Node]]]:
    """Each field with text in both languages: its name, its mapping, and its well-formed texts."""
    for field, node in entry.fields.items():
        if field in entry.doubtful:
            continue
        if field == "deprecated" and isinstance(node.children, dict) and "because" in node.children:
            field, node = "deprecated.because", node.children["because"]
        elif field not in IN_LANGUAGES:
            continue
        if isinstance(node.children, dict):
            texts = {name: child for name, child in node.children.items() if isinstance(child.value, str)}
            yield field, node, texts


def _texts(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Each text that people read, with its field."""
    for field, _, languages in _translated(entry):
        for language, node in languages.items():
            yield f"{field}.{language}", node
    keywords = entry.fields.get("keywords")
    if keywords is not None and isinstance(keywords.value, list) and "keywords" not in entry.doubtful:
        yield from (("keywords", node) for node in keywords.children if isinstance(node.value, str))


def _of_text(source: Source, entry: Entry, field: str, node: Node) -> Iterator[Finding]:
    text, path = node.value, (*entry.path, *field.split("."))
    if _is_mojibake(text):
        yield Finding(node.offset, "mojibake", partial(_wrong_letters, entry, field, text), path)
    elif (found := _DIRECTION.search(text)) and not _DIRECTION.search(_raw(source, node)):
        # Written as an escape: else it is found where it stands.
        words = partial(_direction, found.group(), f"{entry.name}: {field} has")
        yield Finding(node.offset, "text-direction", words, path)
    if markup := _markup(text):
        yield Finding(node.offset, "markup", partial(_has_markup, entry, field, markup), path)
    if ((left := _LEFT_TO_DO.search(text)) and not _is_about(entry, left.group())) or (
        text.strip(_AROUND).lower() in _NOTHING_ELSE
    ):
        yield Finding(node.offset, "left-to-do", partial(_left_to_do, entry, field, text), path)
    if node.plain and (rest := _cut(source, node)):
        yield Finding(node.offset, "cut-by-comment", partial(_ends_early, entry, field, text, rest), path)


def _is_about(entry: Entry, mark: str) -> bool:
    """Whether the slug has the word, so that it is part of a product's name."""
    slug = entry.fields.get("slug")
    words = slug.value.split("_") if slug is not None and isinstance(slug.value, str) else []
    return mark.lower() in {word.removesuffix("s") for word in words}


def _raw(source: Source, node: Node) -> str:
    """A value as the file has it."""
    return source.source_map.text[node.offset : end_of(source.source_map.text, node.offset)]


def _is_mojibake(text: str) -> bool:
    if "?" in text and _LOST.search(text):
        return True
    return not text.isascii() and ("\ufffd" in text or any(map(_mended, _MOJIBAKE.findall(text))))


@lru_cache(10_000)  # a text that is merged, or has an alias, comes many times
def _mended(wrong: str) -> str:
    """The letter that was meant by what UTF-8 looks like elsewhere; nothing, if that is none of our languages."""
    for page in _TAKEN_FOR:
        with suppress(UnicodeError):
            right = wrong.encode(page).decode("utf-8")
            if _PLAUSIBLE.fullmatch(right):
                return right
    return ""


def _wrong_letters(entry: Entry, field: str, text: str) -> Words:
    mended = text
    for _ in range(_MOST_TIMES):
        mended = _MOJIBAKE.sub(lambda found: _mended(found[0]) or found[0], mended)
    if mended == text or "\ufffd" in mended or _LOST.search(mended):
        return f"{entry.name}: {field} {quoted(text)} has lost letters to another encoding", "write the text anew"
    message = f"{entry.name}: {field} {quoted(text)} has the letters of another encoding"
    return message, f"write {quoted(mended)}"


def _direction(character: str, where: str) -> Words:
    message = f"{where} the invisible character U+{ord(character):04X}, which changes the direction of writing"
    return message, "remove it"


def _direction_anywhere(source: Source) -> Iterator[Finding]:
    """Characters that change the direction of writing, also in comments: the first of each line without a problem."""
    text = source.source_map.text
    if text.isascii():
        return
    lines = {source.position(finding.offset)[0] for finding in source.findings}
    for found in _DIRECTION.finditer(text):
        line = source.position(found.start())[0]
        if line not in lines:
            lines.add(line)
            yield Finding(found.start(), "text-direction", partial(_direction, found.group(), "this line has"))


def _markup(text: str) -> str:
    """The first HTML element or entity of a text."""
    if "<" in text and (found := _ELEMENT.search(text)):
        return found.group()
    if "&" in text:
        from html.entities import html5  # two thousand names, for the few texts that may have one

        for found in _ENTITY.finditer(text):
            if found.group()[1] == "#" or found.group()[1:] in html5:
                return found.group()
    return ""


def _has_markup(entry: Entry, field: str, markup: str) -> Words:
    message = f"{entry.name}: {field} has {quoted(markup)}, which people will see as it is"
    return message, "write plain text, and the character itself rather than its name"


def _left_to_do(entry: Entry, field: str, text: str) -> Words:
    return f"{entry.name}: {field} {quoted(text)} is still to be written", "write what people will read"


def _cut(source: Source, node: Node) -> str:
    """What a # takes off the end of plain text, if no comment begins like that."""
    text, after = source.source_map.text, node.offset + len(node.text)
    if not text.startswith(node.text, node.offset):
        return ""
    found = _COMMENT.match(text, after)
    return found.group().strip() if found else ""


#: A comment begins with a blank and a word, as a rule, or is one for this tool.
_COMMENT = re.compile(r"[ \t]{1,200}#(?!registry:)(?:[ \t]?\d|\w)[^\r\n]{0,200}")


def _ends_early(entry: Entry, field: str, text: str, rest: str) -> Words:
    message = f"{entry.name}: {field} ends at {quoted(text)}, since # begins a comment"
    whole = quoted(f"{text} {rest}")
    return message, f"write {whole} in quotes if the rest belongs to it, or {_after_sign(rest)} after the #"


def _after_sign(comment: str) -> str:
    """What a comment lacks that is meant as one."""
    return "a blank" if comment[1:2].strip() else "a word"


def _in_both(entry: Entry) -> Iterator[tuple[str, Node, str, str]]:
    """Each field that has both languages: its name, its mapping, and the French and the English text."""
    for field, node, texts in _translated(entry):
        if texts.keys() >= {"fr", "en"}:
            yield field, node, texts["fr"].value, texts["en"].value


def _swapped(languages: Languages, entry: Entry) -> Iterator[Finding]:
    """French in `en` and English in `fr`."""
    for field, node, fr, en in _in_both(entry):
        if languages.are_swapped(fr, en) and not (_is_mojibake(fr) or _is_mojibake(en)):
            words = partial(_other_language, entry, field)
            yield Finding(node.offset, "languages-swapped", words, (*entry.path, *field.split(".")))


def _other_language(entry: Entry, field: str) -> Words:
    return f"{entry.name}: {field}.fr reads as English, and {field}.en as French", "let them change places"


def _no_page(source: Source, entry: Entry) -> Iterator[Finding]:
    for field in ("feature_page", "owner"):
        node = entry.fields.get(field)
        if node is None or not isinstance(node.value, str) or field in entry.doubtful:
            continue
        path = (*entry.path, field)
        if node.value.lower() in _NO_NAME:
            words, raw = partial(_names_nothing, entry, field, node.value), _raw(source, node)
            fix = partial(_null, node.offset, len(raw)) if raw.strip("\"'") == node.value else tuple
            yield Finding(node.offset, "name-of-nothing", words, path, fix)
        elif node.value.lower() in _NOTHING_ELSE:
            yield Finding(node.offset, "left-to-do", partial(_left_to_do, entry, field, node.value), path)


def _emptied(source: Source, entry: Entry) -> Iterator[Finding]:
    """Values that are none, since they begin with a #."""
    for field in ("feature_page", "documentation", "owner", "stage"):
        node = entry.fields.get(field)
        if node is not None and node.value is None and not node.text and (rest := _cut(source, node)):
            words = partial(_is_comment, entry, field, rest)
            yield Finding(node.offset, "cut-by-comment", words, (*entry.path, field))


def _is_comment(entry: Entry, field: str, rest: str) -> Words:
    message = f"{entry.name}: {field} is empty, since # begins a comment"
    meant = rest.removeprefix("#").split()[0]
    is_one = is_valid(module_fields()[field], meant) and meant not in _NO_NAME | _NOTHING_ELSE
    value = f"{meant}, without the #, if that is the {field}" if is_one else f"the {field} without a #"
    return message, f"write {value}, or {_after_sign(rest)} after the #"


def _null(offset: int, length: int) -> tuple[Edit, ...]:
    return (Edit(offset, offset + length, "null"),)


def _names_nothing(entry: Entry, field: str, value: str) -> Words:
    thing = "a page" if field == "feature_page" else "a team or handle"
    return (
        f"{entry.name}: {field} {quoted(value)} is the name of {thing}, not nothing",
        f"write null if there is no {field}",
    )
