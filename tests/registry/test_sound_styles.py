"""A syntax error in a file of any sound style is told where it is: nothing is said of what YAML reads well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from checking import problems

FILES = sorted((Path(__file__).parent / "positive").glob("*.yaml"))
_CATEGORY, _EN, _OWNER = (rf"(?P<key>([\"']?)\b{name}\2)" for name in ("category", "en", "owner"))

#: What is found, of which the last and one in the middle are changed, and into what.
MISTAKES: dict[str, tuple[str, str | Callable[[re.Match[str]], str]]] = {
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


def lines_told(text: str, pattern: str, new: str | Callable[[re.Match[str]], str]) -> Iterator[tuple[int, set[int]]]:
    """The line of each mistake that is made, and the lines that are told."""
    matches = list(re.finditer(pattern, text))
    for match in {matches[-1], matches[len(matches) // 2]} if matches else ():
        broken = text[: match.start()] + (new(match) if callable(new) else match.expand(new)) + text[match.end() :]
        yield broken.count("\n", 0, match.start()) + 1, {each.line for each in problems(broken)}


def test_of_twelve_mistakes_eleven_are_told_on_their_line_alone() -> None:
    cases = [
        (file, name, line, lines)
        for file, text in TEXTS.items()
        for name, mistake in MISTAKES.items()
        for line, lines in lines_told(text, *mistake)
    ]
    otherwise = [case for case in cases if {case[2]} != case[3]]
    assert len(cases) > 120 and len(otherwise) <= 0.08 * len(cases), otherwise
