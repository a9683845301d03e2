"""A comment of a pull request, as GitHub's own Markdown program reads it: no value makes HTML, a link or a mention."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.cli import changes as comparing
from service.cli import tables
from service.cli.changes_words import Report
from service.registry.changes import compare
from service.registry.model import Registry
from service.wording import printable, shortened

CMARK = shutil.which("cmark-gfm")
EXTENSIONS = [part for name in ("table", "strikethrough", "autolink", "tagfilter", "tasklist") for part in ("-e", name)]

#: What means something in Markdown or HTML, and what GitHub makes links of.
PIECES = (
    "http://a<h1>APPROVED by security",
    "<script>", "</code>", "<!-- ", "-->", "<img src=x>", "&lt;", "&#60;", "<https://a.example>", "www.a.example",
    "a@b.example", "@team", "#1", "org/repo#1", "![a](b)", "[a](b)", "[x]", "- [ ] a", "|", "||", "\\|", "\\", "\\`",
    "`", "``", "```", "~~a~~", "**a**", "_a_", "# a", "> a", "---", "1. a", "\n", "\r\n", "\n\n", "\t", "    a", " ",
    "\u2028", "\x1b[31m", "\u202e", "\udcff", "$a$", ":tada:", "é",
)  # fmt: skip
#: cmark-gfm takes no more than 80 backticks for the beginning of a code span.
BACKTICKS = st.integers(1, 2 * tables.LONGEST_VALUE).map("`".__mul__)
VALUES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3) | BACKTICKS, max_size=6).map("".join)


def _read(comment: str) -> tuple[list[tuple[str, dict[str, str]]], list[str], list[str]]:
    """What GitHub's program reads in a comment: elements and their attributes, code, and all other text."""
    start = [str(CMARK), *EXTENSIONS, "-t", "xml"]
    done = subprocess.run(start, input=comment, capture_output=True, encoding="utf-8", check=True)
    elements = [*fromstring(done.stdout).iter()]
    code, others = ([e.text or "" for e in elements if e.tag.endswith("}code") is kind] for kind in (True, False))
    return [(element.tag, element.attrib) for element in elements], code, others


def _registry(changed: str) -> Registry:
    """A registry whose every text stands for one that may hold anything; unlike `load`, nothing is checked."""
    label, slug, path, other = PLACEHOLDERS
    texts = {"fr": label + changed, "en": label}
    named = {"category": other, "label": texts}
    modules = [
        {"slug": slug, "category": other + changed, "label": texts, "api_endpoint": path + changed}
        | {"produces": [path + changed]},
        {"slug": slug + changed + ".", **named, "coming_soon": True},
        {"slug": other, **named, "coming_soon": True, "formerly": [slug + changed] * bool(changed)}
        | {"feature_page": path + changed, "needs": [other, changed], "stage": other + changed, "description": texts}
        | {"keywords": [label + changed, other], "documentation": path + changed, "owner": slug + changed},
        {"slug": label, **named, "needs": [path + changed], "is_meta": True},
    ]
    return Registry.from_document({"modules": modules, "legacy_features": [label + changed, other]})


#: What stands in a report for what a file, or its name, may hold.
PLACEHOLDERS = ("PLACE-1", "PLACE-2", "PLACE-3", "PLACE-4")
REPORT = Report(*PLACEHOLDERS[2:], compare(_registry(""), _registry("x")))


def _filled(template: Any, values: Sequence[str]) -> Any:
    """A copy of a dataclass, (named) tuple or text with the values in their places."""
    if isinstance(template, str):
        for place, value in zip(PLACEHOLDERS, values, strict=True):
            template = template.replace(place, value)
    elif isinstance(template, tuple):
        return getattr(template, "_make", tuple)(_filled(part, values) for part in template)
    elif is_dataclass(template) and not isinstance(template, type):
        return replace(
            template, **{part.name: _filled(getattr(template, part.name), values) for part in fields(template)}
        )
    return template


def _comment(report: Report) -> str:
    return "\n".join(comparing.markdown_lines(report))


def _in_a_code_span(text: str) -> str:
    line = shortened(printable(text), tables.LONGEST_VALUE)
    return line if line.strip(" ") else f" {line} "  # CommonMark keeps all spaces of a span that has nothing else


@pytest.mark.long
@pytest.mark.skipif(CMARK is None, reason="cmark-gfm is not installed: apt-get install cmark-gfm, as .ci/run does")
@settings(max_examples=100)
@given(st.tuples(VALUES, VALUES, VALUES, VALUES))
def test_no_value_makes_an_element_a_link_or_a_mention(values: tuple[str, str, str, str]) -> None:
    (elements, code, others), filled = _read(_comment(REPORT)), _read(_comment(_filled(REPORT, values)))
    assert filled == (elements, [_in_a_code_span(_filled(text, values)) for text in code], others)


#: Long values: of four bytes a character, with bars that a table doubles, and with backticks.
LONG = ("\N{PILE OF POO}" * 400, "|" * 400, "`|" * 200, "a" * 400, "a")


@pytest.mark.parametrize(
    ("number", "values"), [(11, LONG[:1] * 4), (100, LONG[:1] * 4), (37, LONG[1:]), (50, LONG[:0:-1]), (1, LONG[:4])]
)
def test_of_many_changes_a_comment_has_whole_lines_and_how_many_more(number: int, values: tuple[str, ...]) -> None:
    few = _filled(REPORT, values)
    parts = {part.name: getattr(few.changes, part.name) for part in fields(few.changes)}
    repeated = {name: value * number for name, value in parts.items() if isinstance(value, tuple)}
    comments = _comment(few), _comment(replace(few, changes=replace(few.changes, **repeated)))
    assert len(comments[1].encode()) < 64_000
    safe, lines = ([line for line in comment.split("\n") if re.match(r"- |\| `", line)] for comment in comments)
    assert {*lines} <= {*safe}
    cut, more = (sum(map(int, re.findall(r"… and (\d+) more:", comment))) for comment in comments)
    assert len(lines) + more == number * (len(safe) + cut)
