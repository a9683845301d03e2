"""What stands before every line of a file: as a mail, a terminal, an editor or a diff has put it there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from service.problems import Edit
from service.registry.text.characters import BLANKS, called
from service.registry.text.patch import Pasted

#: Lines of which the beginning is taken away, and how long the first may be, in characters. A file with more of them is
#: told so, and not read.
_MOST_LINES, _LONGEST = 10_000, 2_000

_BLANKS = r"[ \t\r]*"
_FIRST = re.compile(r"(?:[ \t\r]*\n)*+(?P<line>[^\n]+)")
_ALL_COMMENTS = re.compile(rf"(?:{_BLANKS}\n|#[^\n]*(?:\n|\Z))*+{_BLANKS}\Z")

#: The signs, and who puts them there: first that of most sound files, since each costs the time to be looked for. A
#: diff has other lines that begin like its signs.
_SIGNS = {
    r"#+": "",
    r"[ \t]*(?:> ?)*>": "as a mail quotes it",
    r"[ \t]*[|│┃]": "as a table or a frame has it",
    r"[ \t]*\+(?!\+\+ )": "as the added lines of a diff have it",
    r"[ \t]*-(?!--)": "as a list or the removed lines of a diff have it",
    r"[ \t]*//+": "as a comment of another language has it",
    r"[ \t]*\*": "as a comment of another language has it",
    r"[ \t]*[$%;](?= )": "as a terminal or a comment of another language has it",
    r"[\w./-]+\.ya?ml:(?!\d)": "as a search through files prints it",
    r"[\t\u00a0]+": "which YAML takes for no indentation",
}
_NUMBER = re.compile(r"(?P<file>(?:[\w./-]+\.ya?ml[:-])?)[ \t]*(?P<number>\d+)(?P<sign>[ \t]*[:|│┃→.)-]|\t| +)")

_BLAME = re.compile(r"\^?[0-9a-f]{7,40} [^()\n]{0,200}\([^()\n]{0,200}\d\)(?: |$)")

#: What is behind the beginning of the lines of a registry, and of those of one that was turned into a comment.
_MODULES = re.compile(r"[\"']?modules[\"']?[ \t]*:")
_REGISTRY = re.compile(rf"{_MODULES.pattern}|(?:  )?- +slug[ \t]*:")
_YAML = re.compile(r"[ \t]*(?:#|-[ \t]|\"?\w+\"?[ \t]*:(?:\s|$)|[\]}])|[ \t]*$")

_UNCOMMENT = "take the # away from each line, so that modules: begins at the left margin"
_SLUG = re.compile(r"\bslug[\"']? *:")

#: Blanks that are none to YAML, in the indentation of so many lines: with fewer, each is told on its own.
_STRANGE = re.compile(rf"^ *(?P<strange>[{BLANKS}])[ {BLANKS}]*(?=[\w\"'#-])", re.MULTILINE)
_EVERYWHERE = 5

_Part = tuple[int, int, str]
"""Where a line begins, how long what stands before it is, and the rest of it."""


def prefixed(text: str) -> Pasted | None:
    """What stands before all lines of a registry. That of a sound file is looked at for its first line only."""
    first = _FIRST.match(text)
    if first is None or len(first["line"]) > _LONGEST or "\r" in first["line"][:-1]:
        return None
    at = first.start("line")
    for form, whose in _SIGNS.items():
        if found := re.match(form, first["line"]):
            return _signed(text, at, found[0], whose)
    if found := _NUMBER.match(first["line"]):
        return _numbered(text, at, found)
    return _blamed(text, at) if _BLAME.match(first["line"]) else None


def _blamed(text: str, at: int) -> Pasted | None:
    """What `git blame` shows before each line."""
    parts = []
    for line in islice(re.compile(r"^[^\n]*\S[^\n]*$", re.MULTILINE).finditer(text, at), _MOST_LINES + 1):
        found = _BLAME.match(line[0])
        if found is None:
            return None
        parts.append((line.start(), found.end(), line[0][found.end() :]))
    if not any(_REGISTRY.match(rest) for *_, rest in parts):
        return None
    message = "every line begins with its commit and author, as `git blame` shows it"
    return _pasted(parts, "syntax", message, "take that away from each line")


def strange_blanks(text: str) -> Pasted | None:
    """Many lines that are indented with blanks which are none to YAML, as text that was copied from a page has them."""
    if text.isascii():
        return None
    found = list(islice(_STRANGE.finditer(text), _MOST_LINES + 1))
    if len(found) < _EVERYWHERE:
        return None
    first = found[0]
    shown = called(first["strange"])
    message = (
        f"{len(found)} lines are indented with the invisible character {shown}, where YAML takes only plain spaces"
    )
    edits = tuple(Edit(one.start(), one.end(), " " * len(one[0])) for one in found)
    edits = edits if len(edits) <= _MOST_LINES else ()
    return Pasted(first.start("strange"), "syntax", message, "write plain spaces", edits, is_mended=bool(edits))


def _signed(text: str, at: int, sign: str, whose: str) -> Pasted | None:
    is_comment = sign.startswith("#")
    if is_comment:
        if not _ALL_COMMENTS.match(text):
            return None
        sign = "#"
    before = re.escape(sign)
    if not re.compile(rf"(?:{_BLANKS}\n|{before}[^\n]*(?:\n|\Z))*+{_BLANKS}\Z").match(text, at):
        return None
    parts = [
        (found.start(), len(sign), found["rest"])
        for found in islice(re.compile(rf"^{before}(?P<rest>[^\n]*)", re.MULTILINE).finditer(text, at), _MOST_LINES + 1)
    ]
    if all(rest[:1] == " " or not rest.strip() for _, _, rest in parts):
        parts = [(start, length + (rest[:1] == " "), rest[1:]) for start, length, rest in parts]
    if not any(_REGISTRY.match(rest) for *_, rest in parts):
        return None
    if is_comment:
        is_certain = all(_YAML.match(rest) for *_, rest in parts) and any(_SLUG.search(rest) for *_, rest in parts)
        message, hint = "every line is a comment, so the file has no content", _UNCOMMENT
        return _pasted(parts, "empty", message, hint) if is_certain else None
    shown = {"\t": "a tab", "\u00a0": "U+00A0 (no-break space)"}.get(sign[0], sign.strip())
    return _pasted(parts, "syntax", f"every line begins with {shown}, {whose}", "take it away from each line")


def _numbered(text: str, at: int, first: re.Match[str]) -> Pasted | None:
    sign = first["sign"].strip(" ") or " "
    behind = rf"[ \t]*{re.escape(sign)}" if sign not in "\t " else re.escape(sign)
    line = re.compile(
        rf"^{re.escape(first['file'])}[ \t]*(?P<number>\d+)(?:{behind}(?P<rest>[^\n]*)|{_BLANKS}$)|^{_BLANKS}$",
        re.MULTILINE,
    )
    parts: list[_Part] = []
    last = int(first["number"][-9:]) - 1
    while at < len(text) and len(parts) <= _MOST_LINES:
        found = line.match(text, at)
        if found is None:
            return None
        if found["number"]:
            if int(found["number"][-9:]) != last + 1:
                return None
            last += 1
            rest = found["rest"] or ""
            parts.append((at, found.end() - at - len(rest), rest))
        at = found.end() + 1
    for form in (_MODULES, _REGISTRY):
        for cut in (_by_least, _by_width):
            aligned = cut(parts)
            if any(form.match(rest) for *_, rest in aligned):
                message = "every line begins with its number, as an editor or a terminal shows it"
                return _pasted(aligned, "syntax", message, "take the number away from each line")
    return None


def _by_least(parts: Sequence[_Part]) -> list[_Part]:
    """The same number of blanks away from each line, as many as all have."""
    some = [rest for *_, rest in parts if rest.strip()]
    least = min((len(rest) - len(rest.lstrip(" ")) for rest in some), default=0)
    return [(start, length + min(least, len(rest)), rest[least:]) for start, length, rest in parts]


def _by_width(parts: Sequence[_Part]) -> list[_Part]:
    """Each line from the same column on, as where the numbers stand at the left of theirs."""
    some = [length + len(rest) - len(rest.lstrip(" ")) for _, length, rest in parts if rest.strip()]
    width = min(some, default=0)
    return [(start, max(width, length), rest[max(0, width - length) :]) for start, length, rest in parts]


def _pasted(parts: Sequence[_Part], rule: str, message: str, hint: str) -> Pasted:
    edits = tuple(Edit(start, start + length, "") for start, length, _ in parts)
    if len(edits) > _MOST_LINES:
        edits = ()
    return Pasted(parts[0][0], rule, message, hint, edits, is_mended=bool(edits))
