"""`module-registry changes`: what a pull request says about itself.

A comment is looked at as GitHub's own Markdown program reads it: no value makes HTML, a link or a mention.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import CMARK, OPERATOR, AnyClient, Store, connect, everything, gfm, run, table

from service.cli import changes as comparing
from service.cli import tables
from service.cli.changes_words import Report
from service.interest.keys import interest_key
from service.interest.maintenance import merge
from service.registry.changes import compare
from service.registry.model import Registry
from service.storage import lock
from service.usage.store import add
from service.wording import printable, shortened

Changes = Callable[..., subprocess.CompletedProcess[str]]

SCRAP = "  - { slug: scrap, category: sources, label: { fr: Scraper, en: Scraper }, api_endpoint: /api/scrap }\n"
LINKEDIN = "  - { slug: linkedin, category: sources, label: { fr: LinkedIn, en: LinkedIn }, coming_soon: true }\n"
BASE = f"modules:\n{SCRAP}{LINKEDIN}legacy_features: [company]\n"
#: What JSON has, whatever changes.
KEYS = "base head changed not_believed breaking added removed renamed moved relabelled endpoints feature_pages fields"
KEYS += " tombstones graph reordered allow_list votes uses"


@pytest.fixture
def changes(tmp_path: Path, commit: Callable[[Path], str]) -> Iterator[Changes]:
    """Run `module-registry changes git:main:registry.yaml` against a text, in a repository whose branch main has BASE.

    `before` is a text to compare it with, and `base` another name of one.
    """
    (tmp_path / "sub").mkdir()
    (tmp_path / "registry.yaml").write_text(BASE)
    (tmp_path / "sub" / "note").write_text("a file, so that git keeps the folder")
    commit(tmp_path)

    def call(
        head: str, *options: str, before: str = "", base: str = "git:main:registry.yaml", folder: str = ".", **more: str
    ) -> Any:
        (tmp_path / "registry.yaml").write_text(head)
        if before:
            (tmp_path / (base := "before.yaml")).write_text(before)
        return run("changes", base, *options, folder=tmp_path / folder, **{"DATA_DIR": "var"} | more)

    yield call
    assert not (tmp_path / "var").exists()


EDITS = table(__file__, "changes.yaml")
for above, below in pairwise(EDITS.values()):
    below |= {part: below.get(part, above[part]) for part in ("before", "after")}


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in EDITS.items()])
def test_an_edit_is_told_with_what_breaks_first(
    changes: Changes, redis: AnyClient, valkey_url: str, edit: dict[str, Any]
) -> None:
    options = ("--fail-on", "breaking", "--votes" if "votes" in edit else "--no-votes")
    options += ("--today", str(edit["today"])) if "today" in edit else ()
    for feature, number in edit.get("votes", {}).items():
        redis.sadd(interest_key(feature), *(f"{feature}-{voter}" for voter in range(number)))
    for old, new in edit.get("merged", {}).items():
        merge(redis, old, new, by=OPERATOR)
    stored = everything(redis)

    def told(style: str) -> str:
        done = changes(edit["after"], *options, "--format", style, before=edit["before"], REDIS_URL=valkey_url)
        assert (done.returncode, done.stderr) == (edit.get("code", 0), "")
        return str(done.stdout)

    assert told("text") == f"before.yaml -> registry.yaml\n{edit['text']}"
    comment = told("markdown")
    assert "looked at" not in comment and ("Breaking" in comment) is (edit.get("code") == 3)
    assert all(part in comment for part in edit.get("markdown", []))
    document = json.loads(told("json"))
    assert [*document] == KEYS.split()
    assert document["votes"]["looked_at"] is ("votes" in edit)
    breaking = [f"  BREAKING {change['message']}" for change in document["breaking"]]
    assert breaking == [line for line in edit["text"].splitlines() if "BREAKING" in line]
    for key, beginning in edit.get("json", {}).items():
        value = document[key]
        assert (value[: len(beginning)] if isinstance(value, list) else value) == beginning
    assert everything(redis) == stored


def test_who_asked_by_a_name_that_is_given_up_is_told_and_never_that_nobody_does(
    changes: Changes, redis: AnyClient, valkey_url: str
) -> None:
    """Of former names that are dropped; one that leads somewhere else by now is none."""
    today = datetime.now(UTC).date()
    old, gone = "formerly: [mails, feeds, fax, tubes, posts]", "formerly: [posts]"
    before = BASE.replace("slug: scrap,", f"slug: scrap, {old},")
    for ago in range(200, -1, -1):
        many = [("mails", "python", 1700), ("mails", "curl", 6), ("fax", "go", 1)] if ago == 88 else []
        many += [("tubes", "node", 1)] if ago == 200 else []
        add(redis, ["mails", "feeds"], many, today - timedelta(ago))
    since, last, far = (f"{today - timedelta(ago):%-d %B %Y}" for ago in (200, 88, 200))
    whole = "clients that read the whole list are not seen: see code-references"

    def told(*options: str, **settings: str) -> list[str]:
        done = changes(before.replace(old, gone), *options, before=before, **settings)
        part = done.stdout.partition("Requests:\n")[2]
        return [line.strip() for line in part.splitlines() if " request" in line or "not known" in line]

    assert told(REDIS_URL=valkey_url) == [
        f"1 request by fax reached the service in 90 days: 1 by go, the last on {last} (not counted any more; {whole})",
        f"no request by feeds reached the service in 90 days (counting since {since}; {whole})",
        f"1,706 requests by mails reached the service in 90 days: 1,700 by python, 6 by curl, the last on {last} "
        f"(counting since {since}; {whole})",
        f"no request by tubes reached the service in 90 days, the last on {far} (not counted any more; {whole})",
    ]
    document = changes(before.replace(old, gone), "--format", "json", before=before, REDIS_URL=valkey_url).stdout
    uses = json.loads(document)["uses"]
    assert uses["looked_at"] and [each["requests"] for each in uses["names"]] == [1706, 1, 0, 0]
    assert uses["names"][0]["clients"] == {"python": 1700, "curl": 6}
    unknown = "whether {} is still asked for is not known: no store was asked"
    assert told() == told("--no-votes") == [unknown.format(name) for name in ("fax", "feeds", "mails", "tubes")]


@pytest.mark.parametrize("settings", [{}, {"REDIS_URL": "unix:///nonexistent.sock"}, {"REDIS_URL": "nonsense"}])
def test_without_a_store_only_votes_that_were_asked_for_are_an_error(
    changes: Changes, settings: dict[str, str]
) -> None:
    head = BASE.replace("fr: Scraper", "fr: Neuf")
    done = changes(head, "--format", "markdown", **settings)
    said = "\n\n_Votes were not looked at: no store could be reached from here._\n\n"
    assert (done.returncode, "`label.fr`" in done.stdout, said in done.stdout) == (0, True, True)
    assert done.stderr.startswith("Votes were not looked at: ") and done.stderr.count("\n") == 1
    done = changes(head, "--votes", **settings)
    assert (done.returncode, done.stdout, bool(done.stderr)) == (1, "", True)


def test_the_store_of_a_running_serve_is_asked(changes: Changes, own_store: Store) -> None:
    held = lock.acquire(own_store.data_dir, "serve")
    assert held
    with closing(connect(own_store.url)) as client, held:
        client.sadd(interest_key("linkedin"), "ann", "bob")
        done = changes(f"modules:\n{SCRAP}", "--votes", DATA_DIR=str(own_store.data_dir))
    assert "linkedin leaves the allow-list with 2 votes: " in done.stdout


def test_paths_are_those_of_a_subfolder(changes: Changes) -> None:
    folder = changes(BASE, base="git:main:sub")
    assert (folder.returncode, "git:main:sub: cannot be read" in folder.stderr) == (2, True)
    assert "No changes" in changes(BASE, "git:HEAD:./../registry.yaml", folder="sub").stdout
    assert "No changes" in changes(BASE, REGISTRY_FILE="../registry.yaml", folder="sub").stdout


def test_a_comment_says_first_that_nothing_can_be_compared(changes: Changes) -> None:
    head = BASE.replace("category: sources", "category: '`b`'") + "".join(f"x{n}: 1\n" for n in range(80))
    done = changes(head, "--format", "markdown")
    assert (done.returncode, done.stderr.count("registry.yaml:")) == (1, 82)
    title, _, verdict, _, first, *others = done.stdout.splitlines()
    assert (title, verdict) == ("## Module registry", "**`registry.yaml` has 82 problems: what changes is not known.**")
    assert first.startswith('- ``registry.yaml:2:30: scrap: category "`b`" is not a known one')
    assert others[-1] == "… and 32 more."
    assert all(re.match("- `+registry.yaml:", line) for line in others[:-2])


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
    elements = [*fromstring(gfm(comment, "-t", "xml")).iter()]
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
