"""Warnings of the texts of one entry: lost letters, markup, languages that are swapped, text that is not finished."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import INVISIBLE
from service.registry.lint.document import IN_LANGUAGES, Document, Entry
from service.registry.lint.nodes import Findings, Node, fields, items, text_of
from service.wording import quoted

#: Encodings that UTF-8 is taken for, the most frequent first (on Windows, its consoles,
#: and old Macs), and how many times in a row.
_TAKEN_FOR, _MOST_TIMES = ("cp1252", "cp850", "mac_roman"), 3
#: The continuation bytes of UTF-8 as they look in each of these encodings, and after their first bytes.
_LATER = [f"[{re.escape(bytes(range(0x80, 0xC0)).decode(page, 'ignore'))}]" for page in _TAKEN_FOR]
_MOJIBAKE = re.compile(
    f"[Â-ß]{_LATER[0]}|[à-ï]{_LATER[0]}{{2}}|[ð-ô]{_LATER[0]}{{3}}|(?:[├┬]|ÔÇ){_LATER[1]}|(?:[√¬]|‚Ä){_LATER[2]}"
)
#: The characters of French and English text beyond ASCII: Latin letters, punctuation, the euro, and emoji.
_PLAUSIBLE = re.compile("[\u00a0-\u017f\u2010-\u2044\u20ac\u2122\ufffd\U0001f000-\U0010ffff]")
#: A letter inside a word that became a question mark. Addresses have question marks, too.
_LOST = re.compile(r"(?<![\w/.?&=])[^\W\d_]{1,30}\?[^\W\d_A-Z]{1,30}\b(?![=/&?])|\ufffd")
#: Marks, embeddings, overrides and isolates (Unicode 16, UAX 9), also as escapes: they change the order of the text.
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?<!\\)\\u(?i:061c|200[ef]|202[a-e]|206[6-9])")
#: Other invisible characters, except those that join emoji, and hyphens that show where a word may be broken.
_UNSEEN = re.compile(f"(?!{_DIRECTION.pattern}|[\u00ad\u200d\ufe00-\ufe0f\U000e0020-\U000e007f])[{INVISIBLE}]")
#: The first escape in double quotes that is a control character, or a line break.
_CONTROL = re.compile(r'(?s)^(?:[&!]\S+ )*"(?:[^\\]|\\[^0abtnvfreNLP])*+\\.')
_MARKUP = re.compile(
    r"(?i)</?(?:a|abbr|b|blockquote|body|br|button|code|del|div|em|font|h[1-6]|hr|html|i|iframe|img|input|ins|li|mark|"
    r"ol|p|pre|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,200})?/?>|<!--"
    r"|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z](?:acute|grave|circ|uml|cedil|tilde|elig|ring)|amp|lt|gt|quot|apos|nbsp|shy|"
    r"euro|copy|reg|trade|deg|hellip|bull|middot|times|[lr]arr|[lr][ads]quo|[nm]dash|szlig|oslash);"
)
#: A whole text except the signs around it; or a part of a text.
_LEFT_TO_DO = re.compile(
    r"(?i:^[ .:!\-_*()\[\]<>]*+(?:todo|fixme|tbd|tbc|wip|xxx|\?\?\?|placeholder|change ?me|to translate|translate me|"
    r"to be defined|à traduire|à compléter|à définir|)[ .:!\-_*()\[\]<>]*+$)"
    r"|\b(?:TODO|FIXME|TBD)\b|\b[Ll]orem [Ii]psum\b"
)
#: Signs after a value in JSON and programs. Text with other semicolons may be a list that ends with a semicolon.
_STRAY = re.compile(",$|^[^;&]*;$")

#: A comment begins with a blank and a word, as a rule, or is for this tool.
_COMMENT = re.compile(r"[ \t]{1,200}(#(?!registry:)(?:[ \t]?\d|\w)[^\r\n]{0,200})")
#: Words for nothing, which are names like others in these fields: null means nothing.
_NO_NAME = {"none", "null", "nil", "na", "n-a", "nan", "undefined", "aucun", "aucune", "non"}
_NAMES = ("feature_page", "owner")
#: Words of each language that the other does not have, and letters of French.
_FRENCH = re.compile(
    r"\b(?:le|la|les|du|des|une|et|aux?|vos|votre|avec|dans|sur|qui|cette|ces|leurs?|sans|chez|nos|notre)\b"
    r"|\b(?:[ldcjnsm]|qu)['’](?=\w)"
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|with|your|from|their|this|that|these|which|is|are|our|by|to|it|they|where|who|without)\b"
)
_ACCENT = re.compile("[àâçèéêëîïôùûœ]")
#: Letters of a text whose language is guessed, and of a text whose letters are mended for a hint.
_LONGEST, _LONGEST_HINT = 500, 200


class EntryTexts(NamedTuple):
    """The texts of an entry with their fields, without those that an anchor repeats. `source` is the text of the file.

    They are fields in each language, keywords, and names that may mean nothing.
    """

    entry: Entry
    source: str
    texts: list[tuple[str, Node]]

    def search(self, rule: str, pattern: re.Pattern[str], message: str, hint: str, is_raw: bool = False) -> Findings:
        """Yield a warning of each text with a match; with `is_raw`, of the text with its quotes and escapes.

        A word that the slug has as well is most likely the name of a product.
        """
        own_words = {word.removesuffix("s") for word in self.entry.slug.split("_")}
        for field, node in self.texts:
            match = pattern.search(self.source[node.offset : node.end] if is_raw else node.value)
            if match and (match[0] == node.value or match[0].lower() not in own_words):
                words = {"field": field, "text": quoted(node.value), "found": quoted(match[0]), "sign": match[0][:1]}
                yield self.entry.diagnose(rule, field, message.format_map(words), hint, node.offset)

    @property
    def keywords(self) -> list[Node]:
        """The keywords."""
        return [node for node in items(self.entry.find("keywords")) if isinstance(node.value, str)]


def list_texts(document: Document) -> Iterator[EntryTexts]:
    """Yield the texts of each entry."""
    seen: set[int] = set()
    for entry in (*document.modules, *document.removed):
        texts = EntryTexts(entry, document.text, [])
        for field, node in _list_fields(entry):
            if isinstance(node.value, str) and node.used_at is None and node.offset not in seen:
                seen.add(node.offset)
                texts.texts.append((field, node))
        yield texts


def _list_fields(entry: Entry) -> Iterator[tuple[str, Node]]:
    for field, node in _list_translated(entry):
        yield from ((f"{field}.{name}", text) for name, text in fields(node).items())
    yield from (("keywords", node) for node in items(entry.find("keywords")))
    yield from ((field, node) for field, node in fields(entry.node).items() if field in _NAMES)


def _list_translated(entry: Entry) -> Iterator[tuple[str, Node]]:
    for field in (*IN_LANGUAGES, "deprecated.because"):
        if node := entry.find(field):
            yield field, node


def mojibake(texts: EntryTexts) -> Findings:
    """Warn of text that was read in another encoding: its letters are wrong, or lost."""
    for field, node in texts.texts:
        if _is_mojibake(node.value):
            mended = node.value[:_LONGEST_HINT]
            for _ in range(_MOST_TIMES):
                mended = _MOJIBAKE.sub(lambda wrong: _mend_letter(wrong[0]) or wrong[0], mended)
            problem = "has the letters of another encoding"
            hint = f"write {quoted(mended)}"
            if node.value.startswith(mended) or _LOST.search(mended):
                problem = "has lost letters to another encoding"
                hint = "write the text anew"
            message = f"{field} {quoted(node.value)} {problem}"
            yield texts.entry.diagnose("mojibake", field, message, hint, node.offset)


def _is_mojibake(text: str) -> bool:
    return bool(_LOST.search(text)) or any(map(_mend_letter, _MOJIBAKE.findall(text)))


def _mend_letter(wrong: str) -> str:
    """Return the letter whose UTF-8 looks like these letters in another encoding; empty if no language here has it."""
    for page in _TAKEN_FOR:
        with suppress(UnicodeError):
            right = wrong.encode(page).decode()
            if _PLAUSIBLE.fullmatch(right):
                return right
    return ""


def invisible_character(texts: EntryTexts) -> Findings:
    """Warn of invisible characters in text, and of backslashes that make one of a letter."""
    rule = "invisible-character"
    yield from texts.search(rule, _UNSEEN, "{field} has the invisible character {sign!a}", "remove it")
    message = "{field}: a backslash makes an invisible character of a letter in double quotes"
    yield from texts.search(rule, _CONTROL, message, r"write \\ for each backslash, or remove it", is_raw=True)


def markup(texts: EntryTexts) -> Findings:
    """Warn of tags and entities of HTML in text."""
    hint = "write plain text, and the character itself rather than its name"
    return texts.search("markup", _MARKUP, "{field} has {found}, which people will see as it is", hint)


def left_to_do(texts: EntryTexts) -> Findings:
    """Warn of text that is not written yet, such as TODO."""
    hint = "write what people will read"
    return texts.search("left-to-do", _LEFT_TO_DO, "{field} {text} is still to be written", hint)


def stray_punctuation(texts: EntryTexts) -> Findings:
    """Warn of text that ends with punctuation of JSON, and of a list in one keyword."""
    message = "{field} {text} ends with punctuation of JSON"
    yield from texts.search("stray-punctuation", _STRAY, message, "remove it", is_raw=True)
    keywords = texts.keywords
    for node in keywords:
        commas = len(re.findall("[,;] *[^,; ]", node.value))
        if commas > 1 or commas == len(keywords):
            message = f"keywords has a list in one keyword, {quoted(node.value)}"
            hint = "make each an item of its own"
            yield texts.entry.diagnose("stray-punctuation", "keywords", message, hint, node.place)


def cut_by_comment(texts: EntryTexts) -> Findings:
    """Warn of text that ends at a #, and of a value that is empty because it begins with a #."""
    for field, node in texts.texts:
        if field not in _NAMES and (rest := _find_comment(texts.source, node)):
            text = quoted(f"{node.value} {rest}")
            hint = f"write {text} in quotes if that is meant, or a blank and a word after the #"
            message = f"{field} ends at {quoted(node.value)}, since # begins a comment"
            yield texts.entry.diagnose("cut-by-comment", field, message, hint, node.offset)
    for field, node in fields(texts.entry.node).items():
        is_empty = node.value is None and not node.text
        if is_empty and (rest := _find_comment(texts.source, node)):
            hint = f"write {rest[1:].split()[0]}, without the #, if that is meant, or a blank and a word after the #"
            yield texts.entry.diagnose("cut-by-comment", field, f"{field} is empty, since # begins a comment", hint)


def _find_comment(source: str, node: Node) -> str:
    """Return the comment after plain text, if comments do not begin like that; else nothing."""
    match = _COMMENT.match(source, node.end) if node.is_plain else None
    return match[1].rstrip() if match else ""


def languages_swapped(texts: EntryTexts) -> Findings:
    """Warn of French in `en` with English in `fr`."""
    for field, node in _list_translated(texts.entry):
        french = text_of(node, "fr")
        english = text_of(node, "en")
        is_swapped = french and english and _guess_language(french) < 0 < _guess_language(english)
        if is_swapped and not (_is_mojibake(french) or _is_mojibake(english)):
            message = f"{field}.fr reads as English, and {field}.en as French"
            yield texts.entry.diagnose("languages-swapped", field, message, "let them change places")


def _guess_language(text: str) -> int:
    """Return 1 for text with words of French only, -1 for words of English only, and 0 for both or neither."""
    text = text[:_LONGEST].lower()
    return bool(_FRENCH.search(text) or _ACCENT.search(text)) - bool(_ENGLISH.search(text))


def same_keyword(texts: EntryTexts) -> Findings:
    """Warn of keywords that differ by capital letters only."""
    first: dict[str, Node] = {}
    for node in texts.keywords:
        if (earlier := first.setdefault(node.value.casefold(), node)) is not node:
            message = f"keywords lists {quoted(node.value)} beside {quoted(earlier.value)}"
            yield texts.entry.diagnose("same-keyword", "keywords", message, "remove one of the two", node.place)


def name_of_nothing(texts: EntryTexts) -> Findings:
    """Warn of owners and pages called none or so."""
    for field, node in fields(texts.entry.node).items():
        if field in _NAMES and isinstance(node.value, str) and node.value.lower() in _NO_NAME:
            is_written = texts.source[node.offset : node.end].strip("\"'") == node.value
            edits = (Edit(node.offset, node.end, "null"),) if is_written else ()
            message = f"{field} {quoted(node.value)} is a name, not nothing"
            hint = f"write null if there is no {field}"
            yield texts.entry.diagnose("name-of-nothing", field, message, hint, edits=edits)


def text_direction(document: Document) -> Findings:
    """Warn of characters that change the direction of writing, also in comments: the first of each line."""
    lines: set[int] = set()
    for match in _DIRECTION.finditer(document.text):
        if (line := document.line(match.start())) not in lines:
            lines.add(line)
            character = match[0][2:].upper() or f"{ord(match[0]):04X}"
            message = f"this line has the invisible character U+{character}, which changes the direction of writing"
            yield Diagnostic("text-direction", match.start(), message, "remove it")
