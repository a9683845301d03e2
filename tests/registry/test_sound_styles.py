"""A syntax error in a file of any sound style is told where it is: nothing is said of what YAML reads well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checking import problems
from support import table
from test_examples import POSITIVE

TEXTS = {path.stem: path.read_text("utf-8-sig").replace("\r\n", "\n") for path in POSITIVE}


def lines_told(text: str, pattern: str, new: str) -> Iterator[tuple[int, set[int]]]:
    """The line of each mistake that is made, and the lines that are told."""
    matches = list(re.finditer(pattern, text))
    for match in {matches[-1], matches[len(matches) // 2]} if matches else ():
        broken = text[: match.start()] + match.expand(new) + text[match.end() :]
        yield broken.count("\n", 0, match.start()) + 1, {each.line for each in problems(broken)}


def test_of_twelve_mistakes_eleven_are_told_on_their_line_alone() -> None:
    cases = [
        (file, name, line, lines)
        for file, text in TEXTS.items()
        for name, mistake in table(__file__, "mistakes.yaml").items()
        for line, lines in lines_told(text, *mistake)
    ]
    otherwise = [case for case in cases if {case[2]} != case[3]]
    assert len(cases) > 120 and len(otherwise) <= 0.08 * len(cases), otherwise
