"""A syntax error in a file of any sound style is told where it is: nothing is said of what YAML reads well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from checking import problems

FILES = sorted((Path(__file__).parent / "positive").glob("*.yaml"))
_CATEGORY, _EN, _OWNER = (rf"(?P<key>([\"']?)\b{name}\2)" for name in ("category", "en", "owner"))

#: What is found, of which the last and one in the middle are changed, and into what.
MISTAKES = {
    "a sign that begins no text": (rf"{_CATEGORY}: +(?=[\"'a-z])", r"\g<0>@"),
    "no colon": (rf"{_CATEGORY} *: ", r"\g<key> "),
    "no colon after a language": (rf"{_EN} *: +(?![>|])", r"\g<key> "),
    "no colon after the last field": (rf"{_OWNER} *: ", r"\g<key> "),
    "no quote at the end": (r"\ben[\"']? *: *([\"'])(?:(?!\1)[^\n\\])*(?=\1)\1", lambda found: found[0][:-1]),
    "no bracket at the end": (r"needs[\"']? *: *\[[^\]\n]*\]", lambda found: found[0][:-1]),
    "no brace at the end": (r"label[\"']? *: *\{[^}\n]*\}", lambda found: found[0][:-1]),
    "a backslash": (r"\ben[\"']? *: *\"", r"\g<0>\\o"),
    "a comma too many": (r",(?=\n)", ",,"),
    "a field that begins no text, behind items in quotes": (r"[\"']?api_endpoint[\"']?: +(?=[\"'/])", r"\g<0>@"),
    "another dash": (r"(?<=\n)( *)- (?=[\"']?slug)", r"\1– "),
}


TEXTS = {path.stem: path.read_text("utf-8-sig").replace("\r\n", "\n") for path in FILES}
CASES = [(file, name) for file, text in TEXTS.items() for name in MISTAKES if re.search(MISTAKES[name][0], text)]


@pytest.mark.parametrize(("file", "name"), CASES)
def test_only_the_line_of_the_mistake_is_told(file: str, name: str) -> None:
    text, (pattern, new) = TEXTS[file], MISTAKES[name]
    found = list(re.finditer(pattern, text))
    for one in {found[-1], found[len(found) // 2]}:
        written = new(one) if callable(new) else one.expand(new)
        broken = text[: one.start()] + written + text[one.end() :]
        told = problems(broken)
        print(*told, sep="\n")
        line = broken.count("\n", 0, one.start()) + 1
        assert {each.line for each in told} == {line}
