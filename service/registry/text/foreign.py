"""Files that are no registry at all, saved under its name: a page, a pointer, or data in another format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from service.problems import Edit
from service.registry.text.lines import known_keys
from service.registry.text.patch import Pasted

#: A pointer has three lines or a few more; what is longer is a registry with such a line above it, in characters.
_LONGEST_POINTER = 1_024

#: What is looked at of another file: so many characters, and lines with content.
_LOOKED_AT, _MOST_LINES = 20_000, 60

#: Comments of JSON that are made those of YAML, to read on.
_MOST_COMMENTS = 5_000

_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:\?xml\b|!DOCTYPE\b|!--|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_COMMIT = re.compile(r"(?:commit|From) [0-9a-f]{7,64}\b")
_CONTENT = re.compile(r"^[ \t]*(?P<line>[^\s#;][^\r\n]*)", re.MULTILINE)
_SECTION = re.compile(r"\[\[?[\w. \"-]+\]\]?\s*(?:[#;].*)?$")
_PAIR = re.compile(r"[\w.\"-]+[ \t]*=(?![=>])[ \t]*(?P<value>.*)$")
_TOML_VALUE = re.compile(r"[\"'\[{]|true\b|false\b|[\d+-]|$")
_FIELD = re.compile(r"(?:- +)?[\w\"'-]+ *:(?:\s|$)|- ")
_CODE = {
    r"(?:export\s+(?:default|const)|const|let|var|import|module\.exports)\b": "JavaScript",
    r"(?:from\s+[\w.]+\s+import|def|class)\s": "Python",
    r"(?:INSERT\s+INTO|CREATE\s+TABLE|SELECT)\s": "SQL",
    r"\w+(?:\s+\"[^\"]*\")+\s*\{": "HCL",
}
#: What programs say in the first line where they write no file. It is short, in characters, and nothing of a registry.
_SAID = re.compile(
    r"(?:[\w./-]{1,40}: ?)*(?:error|fatal|usage|warning): |Traceback \(most recent|"
    r"[^\n]{0,200}(?:\bnot found\b|\bno such file|\bpermission denied\b)",
    re.IGNORECASE,
)
_OF_REGISTRY = re.compile(r"^[^\w\n]*(?:modules|slug|category|label|legacy_features|removed)\b", re.MULTILINE)
_LONGEST_SAID = 4_000
_IN_QUOTES = re.compile(r"[\"'](?:[^\r\n]{0,5000}\\n)? *-? *(?:modules|slug) *:[^\r\n]{0,200}\\n")
_RULER = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*$")
_JSON_PART = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*+\"|(?<![^\s,{}\[\]\"])(?P<comment>//[^\n\r]*|/\*(?P<block>.*?)(?:\*/|\Z))", re.DOTALL
)  # a comment without an end goes on to that of the file: else each of many would be looked for to there


_FORM = "write modules: and below it an entry for each module, which begins with - slug:"


def foreign(text: str) -> Pasted | None:
    """What the file is, where it is plainly another. To be asked where it is no YAML, or has nothing of a registry."""
    at = len(text) - len(text.lstrip())
    if _PAGE.match(text, 0, 2_000):
        message, hint = "this is a web page (HTML or XML), not a registry", "download the file itself, its raw text"
    elif text.startswith("version https://git-lfs", at) and len(text) < _LONGEST_POINTER:
        message, hint = "this is a pointer of Git LFS, not a registry", "run `git lfs pull` for the file itself"
    elif _COMMIT.match(text, at) and "\ndiff --git " in text:
        message, hint = "this is a commit with its diff, not a registry", "put its changes into the registry: `git am`"
    elif text.startswith("{\\rtf", at):
        message, hint = "this is rich text (RTF), as word processors save it, not a registry", "save it as plain text"
    elif _IN_QUOTES.match(text, at):
        message = "the whole file is one text in quotes, with \\n where its lines end"
        hint = "write the text itself, without the quotes around it and with line breaks"
    elif text.startswith(("{", "[", "//", "/*"), at) and '"modules"' in text and (found := _commented_json(text, at)):
        return found
    elif what := _format(text, at):
        message, hint = f"this is {what}, and a registry is YAML", _FORM
    elif len(text) < _LONGEST_SAID and _is_said(text, at):
        message = "this is the message of a program, not a registry"
        hint = "mend what it says, and let the file be written again, or bring it back from git"
    else:
        return None
    return Pasted(at, "syntax", message, hint)


def _is_said(text: str, at: int) -> bool:
    """Whether the first line with content is what a program has said."""
    first = _CONTENT.search(text, at)
    return first is not None and _SAID.match(first["line"]) is not None and not _OF_REGISTRY.search(text)


def _format(text: str, at: int) -> str:
    """The name of a format; empty if it is none that is known."""
    lines = [found["line"].rstrip() for found in islice(_CONTENT.finditer(text, at, at + _LOOKED_AT), _MOST_LINES)]
    if not lines:
        return ""
    if _MARKUP.match(text, at, at + 2_000):
        return "XML"
    for form, name in _CODE.items():
        if re.match(form, lines[0], re.IGNORECASE if name == "SQL" else 0):
            return name
    if len(lines) > 1 and _RULER.match(lines[1]) and lines[0].startswith("|"):
        return "a table of Markdown"
    if _is_table(lines):
        return "CSV, a table as spreadsheets save it"
    pairs = [found["value"] for line in lines if (found := _PAIR.match(line))]
    sections = sum(_SECTION.match(line) is not None for line in lines)
    is_begun = _PAIR.match(lines[0]) or _SECTION.match(lines[0])
    fields = sum(_FIELD.match(line) is not None for line in lines)
    if not is_begun or not pairs or len(pairs) + sections < 2 or len(pairs) + sections <= fields:
        return ""
    if all(map(_TOML_VALUE.match, pairs)):
        return "TOML"
    return "INI" if sections else "a file of settings (name = value)"


def _is_table(lines: list[str]) -> bool:
    """Whether the first line has the names of fields, and those below it as many values."""
    for sign in (",", ";", "\t"):
        head = [name.strip(" \"'") for name in lines[0].split(sign)]
        known = sum(name in known_keys() or name.startswith(("label", "description")) for name in head)
        if len(head) > 1 and known * 2 > len(head):
            return all(line.count(sign) >= len(head) - 1 for line in lines[1:3])
    return False


def _comments(text: str, at: int) -> Iterator[re.Match[str]]:
    return (found for found in _JSON_PART.finditer(text, at) if found["comment"])


def _commented_json(text: str, at: int) -> Pasted | None:
    """JSON with comments, which begin with another sign than those of YAML."""
    found = list(islice(_comments(text, at), _MOST_COMMENTS + 1))
    if not found or (found[-1]["block"] is not None and not found[-1]["comment"].endswith("*/")):
        return None
    if not re.compile(r"\s*[{\[]").match(_without(text, at, found)):
        return None
    message = f"this is JSON with comments: YAML reads JSON, but {found[0]['comment'][:2]} begins no comment in it"
    if len(found) > _MOST_COMMENTS:
        return Pasted(found[0].start(), "syntax", message, "begin each comment with #")
    edits = [edit for one in found for edit in _as_yaml(text, one)]
    return Pasted(found[0].start(), "syntax", message, "begin each comment with #", tuple(edits), is_mended=True)


def _without(text: str, at: int, comments: list[re.Match[str]]) -> str:
    """The beginning of the text behind the comments above it."""
    for one in comments:
        if text[at : one.start()].strip():
            break
        at = one.end()
    return text[at : at + 200]


def _as_yaml(text: str, comment: re.Match[str]) -> Iterator[Edit]:
    """The edits that make it a comment of YAML; one in the middle of a line goes."""
    start, end = comment.span()
    before = "" if text[start - 1 : start] in ("", " ", "\t", "\n", "\r") else " "
    if comment["block"] is None:
        yield Edit(start, start + 2, f"{before}#")
    elif text[end : end + 200].partition("\n")[0].strip():
        yield Edit(start, end, "")
    else:
        yield Edit(start, start + 2, f"{before}#")
        for line_break in re.compile(r"\r\n?|\n").finditer(text, start, end):
            yield Edit(line_break.end(), line_break.end(), "#")
        yield Edit(end - 2, end, "")
