"""A comment of a pull request, as GitHub's own Markdown program reads it: no value makes HTML, a link or a mention."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.cli import changes_report, markdown
from service.cli.changes_words import Report
from service.registry.changes import compare
from service.registry.model import Registry
from service.wording import printable, shortened

CMARK = shutil.which("cmark-gfm")
EXTENSIONS = [part for name in ("table", "strikethrough", "autolink", "tagfilter", "tasklist") for part in ("-e", name)]

pytestmark = pytest.mark.skipif(
    CMARK is None, reason="cmark-gfm is not installed: apt-get install cmark-gfm, as .ci/run does"
)

#: What means something in Markdown or HTML, and what GitHub makes links of.
PIECES = (
    "http://a<h1>APPROVED by security",
    "<script>", "</code>", "<!-- ", "-->", "<img src=x>", "&lt;", "&#60;", "<https://a.example>", "www.a.example",
    "a@b.example", "@team", "#1", "org/repo#1", "![a](b)", "[a](b)", "[x]", "- [ ] a", "|", "||", "\\|", "\\", "\\`",
    "`", "``", "```", "~~a~~", "**a**", "_a_", "# a", "> a", "---", "1. a", "\n", "\r\n", "\n\n", "\t", "    a", " ",
    "\u2028", "\x1b[31m", "\u202e", "\udcff", "$a$", ":tada:", "é",
)  # fmt: skip
#: cmark-gfm takes no more than 80 backticks for the beginning of a code span.
BACKTICKS = st.integers(1, 2 * markdown.LONGEST_VALUE).map("`".__mul__)
VALUES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3) | BACKTICKS, max_size=6).map("".join)


class _Structure(NamedTuple):
    """What GitHub's program reads in a comment: elements with their depth and attributes, code, and all other text."""

    elements: list[tuple[int, str, dict[str, str]]]
    code: list[str]
    outside: list[str]


def _walk(element: Element, depth: int = 0) -> Iterator[tuple[int, Element]]:
    yield depth, element
    for child in element:
        yield from _walk(child, depth + 1)


def _read(comment: str) -> _Structure:
    """What GitHub's program makes of a comment."""
    start = [str(CMARK), *EXTENSIONS, "-t", "xml"]
    done = subprocess.run(start, input=comment, capture_output=True, encoding="utf-8", check=True)
    found = _Structure([], [], [])
    for depth, each in _walk(fromstring(done.stdout)):
        found.elements.append((depth, each.tag, each.attrib))
        (found.code if each.tag.endswith("}code") else found.outside).append(each.text or "")
    return found


def _registry(changed: str) -> Registry:
    """A registry whose every text stands for one that may hold anything; unlike `load`, nothing is checked."""
    label, slug, path, other = PLACEHOLDERS
    texts = {"fr": label + changed, "en": label}
    endpoint, pages = {"api_endpoint": path + changed}, {"feature_page": path + changed, "needs": [other, changed]}
    waits = {"coming_soon": True, "formerly": [slug + changed] * bool(changed)}
    more = {"description": texts, "keywords": [label + changed, other], "documentation": path + changed}
    more |= {"owner": slug + changed, "stage": other + changed}
    modules = [
        {"slug": slug, "category": other + changed, "label": texts} | endpoint,
        {"slug": slug + changed + ".", "category": other, "label": texts, "coming_soon": True},
        {"slug": other, "category": other, "label": texts} | waits | pages | more,
        {"slug": label, "category": other, "label": texts, "needs": [path + changed], "is_meta": True},
    ]
    modules[0]["produces"] = [path + changed]
    return Registry.from_document({"modules": modules, "legacy_features": [label + changed, other]})


#: What stands in a report for what a file, or its name, may hold.
PLACEHOLDERS = ("PLACE-1", "PLACE-2", "PLACE-3", "PLACE-4")
REPORT = Report(*PLACEHOLDERS[2:], compare(_registry(""), _registry("x")))


def _filled(template: Any, values: Sequence[str]) -> Any:
    """A copy of a dataclass, (named) tuple or text with the values in their places."""
    if isinstance(template, str):
        for place, value in zip(PLACEHOLDERS, values, strict=True):
            template = template.replace(place, value)
        return template
    if isinstance(template, tuple):
        return getattr(template, "_make", tuple)(_filled(one, values) for one in template)
    if is_dataclass(template) and not isinstance(template, type):
        return replace(template, **{one.name: _filled(getattr(template, one.name), values) for one in fields(template)})
    return template


def _comment(report: Report) -> str:
    return "\n".join(changes_report.markdown_lines(report))


def _in_a_code_span(text: str) -> str:
    line = shortened(printable(text), markdown.LONGEST_VALUE)
    return line if line.strip(" ") else f" {line} "  # CommonMark keeps all spaces of a span that has nothing else


@pytest.mark.long
@settings(max_examples=100)
@given(st.tuples(VALUES, VALUES, VALUES, VALUES))
def test_no_value_makes_an_element_a_link_or_a_mention(values: tuple[str, str, str, str]) -> None:
    expected, found = _read(_comment(REPORT)), _read(_comment(_filled(REPORT, values)))
    assert (found.elements, found.outside) == (expected.elements, expected.outside)
    assert found.code == [_in_a_code_span(_filled(text, values)) for text in expected.code]


#: Long values: of four bytes a character, with bars that a table doubles, and with backticks.
LONG = ("\N{PILE OF POO}" * 400, "|" * 400, "`|" * 200, "a" * 400, "a")


@pytest.mark.parametrize(
    ("number", "values"), [(11, LONG[:1] * 4), (100, LONG[:1] * 4), (37, LONG[1:]), (50, LONG[:0:-1]), (1, LONG[:4])]
)
def test_of_many_changes_a_comment_has_whole_lines_and_how_many_more(number: int, values: tuple[str, ...]) -> None:
    few = _filled(REPORT, values)
    parts = {one.name: getattr(few.changes, one.name) for one in fields(few.changes)}
    repeated = {name: value * number for name, value in parts.items() if isinstance(value, tuple)}
    many = _comment(replace(few, changes=replace(few.changes, **repeated)))
    assert len(many.encode()) < 64_000
    safe = [line for line in _comment(few).split("\n") if line.startswith(("- ", "| "))]
    lines = [line for line in many.split("\n") if line.startswith(("- ", "| "))]
    assert set(lines) <= set(safe)
    structure, known = _read(many), _read(_comment(few))
    assert all(element in known.elements for element in structure.elements)
    more, cut = (sum(map(int, re.findall(r"… and (\d+) more:", "".join(each.outside)))) for each in (structure, known))
    heads = [2 * ("| --- |" in comment) for comment in (many, _comment(few))]
    assert len(lines) - heads[0] + more == number * (len(safe) - heads[1] + cut)
