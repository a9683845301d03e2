"""Warnings of the texts of one entry: lost letters, markup, languages that are swapped, text that is not finished."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from service.problems import Diagnostic, Edit
from service.registry.lint.catalogue import rule
from service.registry.lint.characters import INVISIBLE
from service.registry.lint.document import IN_LANGUAGES, Document, Entry
from service.registry.lint.nodes import Node, fields, items, text_of
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


@dataclass(slots=True)
class Text:
    """A text of an entry: a field in one language, a keyword, or a name. `written` is the text with its quotes."""

    entry: Entry
    field: str
    node: Node
    written: str

    def find(self, pattern: re.Pattern[str], text: str) -> str:
        """Return the first match of a pattern in a text; empty if the slug has the same word, as names of products."""
        match = pattern.search(text)
        own_words = {word.removesuffix("s") for word in self.entry.slug.split("_")} if match else ()
        return match[0] if match and (match[0] == self.node.value or match[0].lower() not in own_words) else ""

    def diagnose(self, rule: str, problem: str, hint: str) -> Diagnostic:
        """Return a warning of the text: `problem` follows the name of the field."""
        return self.entry.diagnose(rule, self.field, f"{self.field} {problem}", hint, self.node.offset)


@dataclass(slots=True)
class EntryTexts:
    """The texts of one entry in the text of a file, without those that an anchor repeats."""

    entry: Entry
    source: str
    texts: list[Text]


def list_texts(document: Document) -> Iterator[EntryTexts]:
    """Yield the texts of each entry."""
    seen: set[int] = set()
    for entry in (*document.modules, *document.removed):
        texts = []
        for field, node in _list_fields(entry):
            if isinstance(node.value, str) and node.used_at is None and node.offset not in seen:
                seen.add(node.offset)
                texts.append(Text(entry, field, node, document.text[node.offset : node.end]))
        yield EntryTexts(entry, document.text, texts)


def _list_fields(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Yield the fields that people read in each language, keywords, and names that may mean nothing."""
    for field, node in _list_translated(entry):
        yield from ((f"{field}.{name}", text) for name, text in fields(node).items())
    yield from (("keywords", node) for node in items(entry.find("keywords")))
    yield from ((field, node) for field, node in fields(entry.node).items() if field in _NAMES)


def _list_translated(entry: Entry) -> Iterator[tuple[str, Node]]:
    for field in (*IN_LANGUAGES, "deprecated.because"):
        if node := entry.find(field):
            yield field, node


@rule("mojibake")
def mojibake(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of text that was read in another encoding: its letters are wrong, or lost."""
    for text in entry.texts:
        value = text.node.value
        if _is_mojibake(value):
            mended = value[:_LONGEST_HINT]
            for _ in range(_MOST_TIMES):
                mended = _MOJIBAKE.sub(lambda wrong: _mend_letter(wrong[0]) or wrong[0], mended)
            problem, hint = f"{quoted(value)} has the letters of another encoding", f"write {quoted(mended)}"
            if value.startswith(mended) or _LOST.search(mended):
                problem, hint = f"{quoted(value)} has lost letters to another encoding", "write the text anew"
            yield text.diagnose("mojibake", problem, hint)


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


@rule("invisible-character")
def invisible_character(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of invisible characters in text, and of backslashes that make one of a letter."""
    for text in entry.texts:
        if found := text.find(_UNSEEN, text.node.value):
            yield text.diagnose("invisible-character", f"has the invisible character {found[0]!a}", "remove it")
        if text.find(_CONTROL, text.written):
            message = f"{text.field}: a backslash makes an invisible character of a letter in double quotes"
            hint = r"write \\ for each backslash, or remove it"
            yield text.entry.diagnose("invisible-character", text.field, message, hint, text.node.offset)


@rule("markup")
def markup(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of tags and entities of HTML in text."""
    for text in entry.texts:
        if found := text.find(_MARKUP, text.node.value):
            problem = f"has {quoted(found)}, which people will see as it is"
            yield text.diagnose("markup", problem, "write plain text, and the character itself rather than its name")


@rule("left-to-do")
def left_to_do(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of text that is not written yet, such as TODO."""
    for text in entry.texts:
        if text.find(_LEFT_TO_DO, text.node.value):
            problem = f"{quoted(text.node.value)} is still to be written"
            yield text.diagnose("left-to-do", problem, "write what people will read")


@rule("stray-punctuation")
def stray_punctuation(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of text that ends with punctuation of JSON, and of a list in one keyword."""
    for text in entry.texts:
        if text.find(_STRAY, text.written):
            problem = f"{quoted(text.node.value)} ends with punctuation of JSON"
            yield text.diagnose("stray-punctuation", problem, "remove it")
    keywords = _list_keywords(entry.entry)
    for node in keywords:
        commas = len(re.findall("[,;] *[^,; ]", node.value))
        if commas > 1 or commas == len(keywords):
            message = f"keywords has a list in one keyword, {quoted(node.value)}"
            hint = "make each an item of its own"
            yield entry.entry.diagnose("stray-punctuation", "keywords", message, hint, node.place)


def _list_keywords(entry: Entry) -> list[Node]:
    return [node for node in items(entry.find("keywords")) if isinstance(node.value, str)]


@rule("cut-by-comment")
def cut_by_comment(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of text that ends at a #, and of a value that is empty because it begins with a #."""
    for text in entry.texts:
        if text.field not in _NAMES and (rest := _find_comment(entry.source, text.node)):
            value = text.node.value
            hint = f"write {quoted(f'{value} {rest}')} in quotes if that is meant, or a blank and a word after the #"
            yield text.diagnose("cut-by-comment", f"ends at {quoted(value)}, since # begins a comment", hint)
    for field, node in fields(entry.entry.node).items():
        is_empty = node.value is None and not node.text
        if is_empty and (rest := _find_comment(entry.source, node)):
            hint = f"write {rest[1:].split()[0]}, without the #, if that is meant, or a blank and a word after the #"
            message = f"{field} is empty, since # begins a comment"
            yield entry.entry.diagnose("cut-by-comment", field, message, hint)


def _find_comment(source: str, node: Node) -> str:
    """Return the comment after plain text, if comments do not begin like that; else nothing."""
    match = _COMMENT.match(source, node.end) if node.is_plain else None
    return match[1].rstrip() if match else ""


@rule("languages-swapped")
def languages_swapped(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of French in `en` with English in `fr`."""
    for field, node in _list_translated(entry.entry):
        french, english = text_of(node, "fr"), text_of(node, "en")
        is_swapped = french and english and _guess_language(french) < 0 < _guess_language(english)
        if is_swapped and not (_is_mojibake(french) or _is_mojibake(english)):
            message = f"{field}.fr reads as English, and {field}.en as French"
            yield entry.entry.diagnose("languages-swapped", field, message, "let them change places")


def _guess_language(text: str) -> int:
    """Return 1 for text with words of French only, -1 for words of English only, and 0 for both or neither."""
    text = text[:_LONGEST].lower()
    return bool(_FRENCH.search(text) or _ACCENT.search(text)) - bool(_ENGLISH.search(text))


@rule("same-keyword")
def same_keyword(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of keywords that differ by capital letters only."""
    first: dict[str, Node] = {}
    for node in _list_keywords(entry.entry):
        if (earlier := first.setdefault(node.value.casefold(), node)) is not node:
            message = f"keywords lists {quoted(node.value)} beside {quoted(earlier.value)}"
            yield entry.entry.diagnose("same-keyword", "keywords", message, "remove one of the two", node.place)


@rule("name-of-nothing")
def name_of_nothing(entry: EntryTexts) -> Iterator[Diagnostic]:
    """Warn of owners and pages called none or so."""
    for field, node in fields(entry.entry.node).items():
        if field in _NAMES and isinstance(node.value, str) and node.value.lower() in _NO_NAME:
            message = f"{field} {quoted(node.value)} is a name, not nothing"
            is_written = entry.source[node.offset : node.end].strip("\"'") == node.value
            edits = (Edit(node.offset, node.end, "null"),) if is_written else ()
            hint = f"write null if there is no {field}"
            yield entry.entry.diagnose("name-of-nothing", field, message, hint, edits=edits)


@rule("text-direction")
def text_direction(document: Document) -> Iterator[Diagnostic]:
    """Warn of characters that change the direction of writing, also in comments: the first of each line."""
    lines: set[int] = set()
    for match in _DIRECTION.finditer(document.text):
        if (line := document.line(match.start())) not in lines:
            lines.add(line)
            character = match[0][2:].upper() or f"{ord(match[0]):04X}"
            message = f"this line has the invisible character U+{character}, which changes the direction of writing"
            yield Diagnostic("text-direction", match.start(), message, "remove it")
