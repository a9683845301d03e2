"""What is most likely not meant in the text of one entry: lost letters, markup, languages in each other's place.

Nothing here is wrong by the schema, so each of these is a warning, and reports only what is rarely meant.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import INVISIBLE
from service.registry.lint.nodes import Node, fields, items, text_of
from service.registry.lint.rules import Document, Entry
from service.registry.lint.shape import IN_LANGUAGES
from service.wording import quoted

#: What UTF-8 is taken for, the most frequent first, and how often in a row: on Windows, its consoles, and old Macs.
_TAKEN_FOR, _MOST_TIMES = ("cp1252", "cp850", "mac_roman"), 3
#: The continuation bytes of UTF-8 as they look in each of these, and what stands before them.
_LATER = [f"[{re.escape(bytes(range(0x80, 0xC0)).decode(page, 'ignore'))}]" for page in _TAKEN_FOR]
_MOJIBAKE = re.compile(
    f"[Â-ß]{_LATER[0]}|[à-ï]{_LATER[0]}{{2}}|[ð-ô]{_LATER[0]}{{3}}|(?:[├┬]|ÔÇ){_LATER[1]}|(?:[√¬]|‚Ä){_LATER[2]}"
)
#: What French and English text has beyond ASCII: Latin letters, punctuation, the euro, and emoji.
_PLAUSIBLE = re.compile("[\u00a0-\u017f\u2010-\u2044\u20ac\u2122\ufffd\U0001f000-\U0010ffff]")
#: A letter inside a word that became a question mark; addresses have them, too.
_LOST = re.compile(r"(?<![\w/.?&=])[^\W\d_]{1,30}\?[^\W\d_A-Z]{1,30}\b(?![=/&?])|\ufffd")
#: Marks, embeddings, overrides and isolates (Unicode 16, UAX 9), also as escapes: what follows has another order.
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?<!\\)\\u(?i:061c|200[ef]|202[a-e]|206[6-9])")
#: What else nobody sees, but for what emoji are joined with, and hyphens that show where a word is broken.
_UNSEEN = re.compile(f"(?!{_DIRECTION.pattern}|[\u00ad\u200d\ufe00-\ufe0f\U000e0020-\U000e007f])[{INVISIBLE}]")
#: The first escape in double quotes that is a control character, or a line break.
_CONTROL = re.compile(r'(?s)^(?:[&!]\S+ )*"(?:[^\\]|\\[^0abtnvfreNLP])*+\\.')
_MARKUP = re.compile(
    r"(?i)</?(?:a|abbr|b|blockquote|body|br|button|code|del|div|em|font|h[1-6]|hr|html|i|iframe|img|input|ins|li|mark|"
    r"ol|p|pre|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,200})?/?>|<!--"
    r"|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z](?:acute|grave|circ|uml|cedil|tilde|elig|ring)|amp|lt|gt|quot|apos|nbsp|shy|"
    r"euro|copy|reg|trade|deg|hellip|bull|middot|times|[lr]arr|[lr][ads]quo|[nm]dash|szlig|oslash);"
)
#: All that a text says, but for what stands around it; or a part of it.
_LEFT_TO_DO = re.compile(
    r"(?i:^[ .:!\-_*()\[\]<>]*+(?:todo|fixme|tbd|tbc|wip|xxx|\?\?\?|placeholder|change ?me|to translate|translate me|"
    r"to be defined|à traduire|à compléter|à définir|)[ .:!\-_*()\[\]<>]*+$)"
    r"|\b(?:TODO|FIXME|TBD)\b|\b[Ll]orem [Ii]psum\b"
)
#: What JSON and programs have behind a value; text with other semicolons may be a list that ends with one.
_STRAY = re.compile(",$|^[^;&]*;$")
_SHOWN = "{field} has {found}, which people will see as it is"
_BACKSLASH = "{field}: a backslash makes an invisible character of a letter in double quotes"
#: What no text has: rule and pattern, whether it is looked for in what the file writes for the text, message and hint.
_ROWS = (
    ("invisible-character", _UNSEEN, False, "{field} has the invisible character {raw!a}", "remove it"),
    ("invisible-character", _CONTROL, True, _BACKSLASH, r"write \\ for each backslash, or remove it"),
    ("markup", _MARKUP, False, _SHOWN, "write plain text, and the character itself rather than its name"),
    ("left-to-do", _LEFT_TO_DO, False, "{field} {text} is still to be written", "write what people will read"),
    ("stray-punctuation", _STRAY, True, "{field} {text} ends with punctuation of JSON", "remove it"),
)
#: A comment begins with a blank and a word, as a rule, or is one for this tool.
_COMMENT = re.compile(r"[ \t]{1,200}(#(?!registry:)(?:[ \t]?\d|\w)[^\r\n]{0,200})")
#: How people write that there is nothing, as names: null says it, and these are names like others.
_NO_NAME = {"none", "null", "nil", "na", "n-a", "nan", "undefined", "aucun", "aucune", "non"}
_NAMES = ("feature_page", "owner")


def warned_texts(document: Document) -> Iterator[Diagnostic]:
    """What looks mistaken in the values of each entry, on its own; what an anchor repeats, once."""
    entries = [*document.modules, *document.removed]
    seen: set[int] = set()
    for entry in entries:
        own_words = {word.removesuffix("s") for word in entry.slug.split("_")}
        for field, node in _texts(entry):
            if node.offset not in seen:
                seen.add(node.offset)
                for rule, message, hint in _of_text(field, node, document.text, own_words):
                    yield entry.tell(rule, field, message, hint, node.offset)
        yield from _of_languages(entry)
        yield from _keywords(entry)
        yield from _nothing(document.text, entry)
    yield from _directions(document)


def _translated(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Each mapping with text in both languages, and its field."""
    values = ((field, entry.find(field)) for field in (*IN_LANGUAGES, "deprecated.because"))
    yield from ((field, node) for field, node in values if node)


def _texts(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Each text that is written here, with its field: what people read, and names that may stand for nothing."""
    values = [(f"{field}.{name}", text) for field, node in _translated(entry) for name, text in fields(node).items()]
    values += [("keywords", node) for node in items(entry.find("keywords"))]
    values += [(field, node) for field, node in fields(entry.node).items() if field in _NAMES]
    yield from ((field, node) for field, node in values if isinstance(node.value, str) and node.used_at is None)


def _of_text(field: str, node: Node, source: str, own_words: set[str]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a text, which the file `source` has: the rule, the message and the hint."""
    text, written = node.value, source[node.offset : node.end]
    if _is_mojibake(text):
        yield "mojibake", *_wrong_letters(f"{field} {quoted(text)}", text)
    for rule, pattern, is_written, message, hint in _ROWS:
        match = pattern.search(written if is_written else text)
        # A word that the slug has, too, is part of a product's name.
        if match and (match[0] == text or match[0].lower() not in own_words):
            told = message.format(field=field, text=quoted(text), found=quoted(match[0]), raw=match[0][:1])
            yield rule, told, hint
    if field not in _NAMES and (rest := _cut_off(source, node)):
        hint = f"write {quoted(f'{text} {rest}')} in quotes if that is meant, or a blank and a word after the #"
        yield "cut-by-comment", f"{field} ends at {quoted(text)}, since # begins a comment", hint


def _is_mojibake(text: str) -> bool:
    return bool(_LOST.search(text)) or any(map(_mended, _MOJIBAKE.findall(text)))


def _mended(wrong: str) -> str:
    """The letter that was meant by what UTF-8 looks like elsewhere; nothing, if that is none of our languages."""
    for page in _TAKEN_FOR:
        with suppress(UnicodeError):
            right = wrong.encode(page).decode()
            if _PLAUSIBLE.fullmatch(right):
                return right
    return ""


def _wrong_letters(subject: str, text: str) -> tuple[str, str]:
    mended = text[:200]  # a hint shows less
    for _ in range(_MOST_TIMES):
        mended = _MOJIBAKE.sub(lambda wrong: _mended(wrong[0]) or wrong[0], mended)
    if text.startswith(mended) or _LOST.search(mended):
        return f"{subject} has lost letters to another encoding", "write the text anew"
    return f"{subject} has the letters of another encoding", f"write {quoted(mended)}"


def _cut_off(source: str, node: Node) -> str:
    """What a # takes off the end of plain text, if no comment begins like that."""
    match = _COMMENT.match(source, node.end) if node.is_plain else None
    return match[1].rstrip() if match else ""


def _directions(document: Document) -> Iterator[Diagnostic]:
    """Characters that change the direction of writing, also in comments: the first of each line."""
    lines: set[int] = set()
    for match in _DIRECTION.finditer(document.text):
        if (line := document.line(match.start())) not in lines:
            lines.add(line)
            character = match[0][2:].upper() or f"{ord(match[0]):04X}"
            message = f"this line has the invisible character U+{character}, which changes the direction of writing"
            yield Diagnostic("text-direction", match.start(), message, "remove it")


def _of_languages(entry: Entry) -> Iterator[Diagnostic]:
    """French in `en` and English in `fr`, or a reason in one language twice."""
    for field, node in _translated(entry):
        fr, en = text_of(node, "fr"), text_of(node, "en")
        if fr and en and _marks(fr) < 0 < _marks(en) and not (_is_mojibake(fr) or _is_mojibake(en)):
            message, hint = f"{field}.fr reads as English, and {field}.en as French", "let them change places"
            yield entry.tell("languages-swapped", field, message, hint)
        if fr == en and " " in fr and field.endswith("because"):
            yield entry.tell("pasted-text", field, f"{field} is the same in both languages", "translate one of them")


def _keywords(entry: Entry) -> Iterator[Diagnostic]:
    """A keyword that is there already, but for capital letters, and one that is a list."""
    listed = [node for node in items(entry.find("keywords")) if isinstance(node.value, str)]
    first: dict[str, Node] = {}
    for node in listed:
        if (earlier := first.setdefault(node.value.casefold(), node)) is not node:
            message = f"keywords lists {quoted(node.value)} beside {quoted(earlier.value)}"
            yield entry.tell("same-keyword", "keywords", message, "remove one of the two", node.place)
        commas = len(re.findall("[,;] *[^,; ]", node.value))
        if commas > 1 or commas == len(listed):
            message = f"keywords has a list in one keyword, {quoted(node.value)}"
            yield entry.tell("stray-punctuation", "keywords", message, "make each an item of its own", node.place)


def _nothing(source: str, entry: Entry) -> Iterator[Diagnostic]:
    """Names that stand for nothing, and values that are none, since they begin with #."""
    for field, node in fields(entry.node).items():
        if field in _NAMES and isinstance(node.value, str) and node.value.lower() in _NO_NAME:
            message = f"{field} {quoted(node.value)} is a name, not nothing"
            warning = entry.tell("name-of-nothing", field, message, f"write null if there is no {field}")
            if source[node.offset : node.end].strip("\"'") == node.value:
                warning.edits = (Edit(node.offset, node.end, "null"),)
            yield warning
        elif node.value is None and not node.text and (rest := _cut_off(source, node)):
            hint = f"write {rest[1:].split()[0]}, without the #, if that is meant, or a blank and a word after the #"
            yield entry.tell("cut-by-comment", field, f"{field} is empty, since # begins a comment", hint)


#: Words of each language that the other does not have, and what only French writes.
_FRENCH = re.compile(
    r"\b(?:le|la|les|du|des|une|et|aux?|vos|votre|avec|dans|sur|qui|cette|ces|leurs?|sans|chez|nos|notre)\b"
    r"|\b(?:[ldcjnsm]|qu)['’](?=\w)"
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|with|your|from|their|this|that|these|which|is|are|our|by|to|it|they|where|who|without)\b"
)
_ACCENT = re.compile("[àâçèéêëîïôùûœ]")

_LONGEST = 500  # letters of a text that are looked at


def _marks(text: str) -> int:
    """1 for a text with what only French has, -1 for one with what only English has, 0 for one with both or neither."""
    text = text[:_LONGEST].lower()
    return bool(_FRENCH.search(text) or _ACCENT.search(text)) - bool(_ENGLISH.search(text))
