"""Syntax errors as pull requests bring them: one problem each, at its place, in words that help. And reading on."""

from __future__ import annotations

import json
import re

import pytest
from checking import one_in, problems, replaced, unmarked
from form_edits import FORMS
from hypothesis import given, settings
from hypothesis import strategies as st
from item_edits import ITEMS
from mutated import outcome
from part_edits import PARTS
from support import REPOSITORY
from syntax_edits import EDITS, EN, ENTRY, FR, LABEL
from syntax_variations import VARIATIONS

from service.problems import Problem

SHIPPED = (REPOSITORY / "registry.yaml").read_text(encoding="utf-8")
#: Its first ten modules, ENTRY among them: what is said of that is the same, in a quarter of the time.
SHORT = SHIPPED.partition("  - slug: dead_check\n")[0] + SHIPPED[SHIPPED.index("# No longer") :]


def mended(text: str, found: list[Problem]) -> str:
    """The text after the edits of its problems."""
    for edit in sorted((edit for problem in found for edit in problem.fix), reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


@pytest.mark.parametrize(("old", "new", "rule", "words", "mends"), [*EDITS, *FORMS, *ITEMS, *PARTS])
def test_one_edit(old: str, new: str, rule: str, words: str, mends: bool) -> None:
    text, places = unmarked(replaced(SHORT, ENTRY, replaced(ENTRY, old, new)))
    found = problems(text)
    print(*found, sep="\n")
    assert [(problem.line, problem.column, problem.rule) for problem in found] == [(*places[0], rule)]
    assert words in found[0].text
    assert bool(found[0].fix) == mends
    assert not mends or problems(mended(text, found)) == []


#: More modules than are looked at around a syntax error.
MORE = "".join(
    f"  - slug: m{number}\n    category: tools\n"
    f"    label: {{ fr: A{number}, en: B{number} }}\n    api_endpoint: /api/m{number}\n"
    for number in range(800)
)


@pytest.mark.parametrize(
    ("old", "new"), one_in(40, ((None, (edit[0], edit[1])) for edit in [*EDITS, *FORMS, *ITEMS, *PARTS]))
)
def test_in_a_large_file_it_is_told_in_the_same_words(old: str, new: str) -> None:
    text, _ = unmarked(replaced(SHORT, ENTRY, replaced(ENTRY, old, new)))
    large = replaced(text, "modules:\n", "modules:\n" + MORE)
    found, among_many = (
        [(one.rule, re.sub(r"\d+", "#", one.text)) for one in problems(each)] for each in (text, large)
    )
    assert among_many == found


def test_a_bracket_at_the_end_of_a_large_file_closes_nothing() -> None:
    (problem,) = problems(f"modules:\n{MORE}  ]\n")
    assert (problem.line, problem.column) == (3202, 3)
    assert "there is a ] here, and nothing is open that it could close" in problem.text


@pytest.mark.parametrize(("old", "new", "words"), one_in(10, VARIATIONS.items()))
def test_one_variation(old: str, new: str, words: str) -> None:
    text, places = unmarked(replaced(SHIPPED, old, new))
    found = problems(text)
    print(*found, sep="\n")
    assert [problem.line for problem in found] == [places[0][0]]
    assert words in found[0].text
    if found[0].fix:
        assert problems(mended(text, found)) == []


def test_the_last_brace_of_a_removed_module_is_put_back() -> None:
    whole = "modules: []\nremoved:\n  - { slug: a, date: 2026-01-01, because: { fr: A, en: B } }\nlegacy_features: []\n"
    broken = replaced(whole, " } }", " }")
    assert mended(broken, problems(broken)) == whole


def test_brackets_in_quotes_are_none() -> None:
    """A description that names fields and brackets is text, where the bracket around it is not closed."""
    broken = '{ fr: "Voir label: {fr, owner: moi", en: "B"'
    (problem,) = problems(replaced(SHORT, ENTRY, replaced(ENTRY, LABEL, broken)))
    assert "the { opened here is never closed; close it with } at the end of the line" in problem.text
    assert not problem.fix


CONFLICT = SHIPPED.replace("legacy_f", "<<<<<<< a\nlegacy_features: []\n=======\nlegacy_f") + ">>>>>>> b\n"

#: Whole files, each with the line of its problem, the rule, and words of the message.
FILES: dict[str, tuple[str | bytes, int, str, str]] = {
    "UTF-16 with a mark": (SHIPPED.encode("utf-16"), 1, "encoding", "the file is UTF-16 text"),
    "UTF-16 without one": (SHIPPED.encode("utf-16-le"), 1, "encoding", "the file is UTF-16 text"),
    "Windows-1252": (SHIPPED.encode("cp1252"), 12, "encoding", "in Windows-1252 this byte is é"),
    "a page that is text to YAML": (
        '<!DOCTYPE html>\n<html lang="en">\n<body>\n<pre>modules:</pre>\n</body>\n</html>\n',
        *(1, "syntax", "a web page (HTML or XML)"),
    ),
    "what a program said": (
        "yq: error: open registry.src.yaml: no such file or directory\n",
        *(1, "syntax", "this is the message of a program, not a registry"),
    ),
    "another file with a comment like a message": (
        "# Usage: docker compose up\nservices:\n  web:\n    image: error-pages\n",
        *(2, "missing-field", 'the only key is "services"'),
    ),
    "what is no directive": (f"%% generated %%\n---\n{SHIPPED}", 1, "syntax", "a comment begins with #, not with %%"),
    "a list that is opened at the end": ("modules: [\n", 1, "syntax", "the [ opened here is never closed"),
    "a manifest with its text": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: registry\ndata:\n  registry.yaml: |\n    modules: []\n",
        *(6, "missing-field", 'the registry stands in the text of "registry.yaml"'),
    ),
    "a pointer of Git LFS": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 27104\n",
        *(1, "syntax", "run `git lfs pull`"),
    ),
    "a page": ("<!DOCTYPE html>\n<html><title>Sign in: Git</title></html>\n", 1, "syntax", "a web page (HTML or XML)"),
    "front matter": (f"---\ntitle: Registry\n---\n{SHIPPED}", 1, "second-document", "front matter, lines 1 to 3"),
    "a fence around it": (f"```yaml\n{SHIPPED}```\n", 1, "syntax", "delete the two lines with ```"),
    "a diff of it": (
        "".join(f"+{line}\n" for line in SHIPPED.split("\n")),
        1,
        "syntax",
        "every line begins with +, as the added lines of a diff",
    ),
    "no name of the list": (SHIPPED.replace("modules:\n", "", 1), 7, "syntax", "write modules: at the left margin"),
    "no colon after it": (SHIPPED.replace("modules:\n", "modules\n", 1), 5, "syntax", "no colon after modules"),
    "a list unclosed at the end": (SHIPPED.replace("speed]\n", "speed\n"), 704, "syntax", "the [ opened here"),
    "a key off the margin": (SHIPPED.replace("legacy_f", "  legacy_f"), 704, "syntax", "begin it at the left margin"),
    "a key without colon": (SHIPPED.replace("features:", "features"), 704, "syntax", "no colon after legacy_features"),
    "tabs": (SHIPPED.replace("    ", "\t\t").replace("  - ", "\t- "), 8, "syntax", "indented with a tab"),
    "the text of a mail above it": (
        "Subject: the registry\nFrom: Paul <paul@example.com>\n\nHi,\n\nhere is the new one:\n\n" + SHIPPED,
        *(1, "syntax", "stands above it, lines 1 to 6; remove these lines"),
    ),
    "its list as a text": (SHIPPED.replace("modules:\n", "modules: |\n", 1), 5, "type", "since | stands behind its co"),
    "rich text": (
        "{\\rtf1\\ansi\n{\\fonttbl\\f0 Helvetica;}\n\\f0 modules:\\\n}\n",
        1,
        "syntax",
        "save it as plain text",
    ),
    "one text in quotes": (json.dumps(SHIPPED), 1, "syntax", "one text in quotes, with \\n where its lines end"),
    "a conflict at the end": (CONFLICT, 704, "merge-conflict", "lines 704 to 708"),
}


@pytest.mark.parametrize(("text", "line", "rule", "words"), FILES.values(), ids=list(FILES))
def test_one_mistake_of_a_whole_file(text: str | bytes, line: int, rule: str, words: str) -> None:
    found = problems(text)
    print(*found, sep="\n")
    assert [(problem.line, problem.rule) for problem in found] == [(line, rule)]
    assert words in found[0].text
    if isinstance(text, str) and found[0].fix:
        assert problems(mended(text, found)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ENTRY, ENTRY),
        ("    needs", "    #\tneeds what\u00a0follows\n    needs"),
        ('"Brand assets"', "Brand\u00a0assets"),
        ('"Brand assets"', '"<<<<<<< “Brand” ======= &c #1: - *x* `y` @z"'),
        ('"Brand assets"', 'Écran 24"'),
        ('"Brand assets"', "The “brand” assets"),
        ('"Brand assets"', "'It''s: the \"brand\"'"),
        ('"Brand assets"', "Écran 24″"),
        ('"Brand assets"', "The ″brand″ and its › assets ‹"),
        (FR, "“Le logo” et “la charte” # note”"),
        (FR, ">-\n        =======\n        Tout : le logo\n        - et [les couleurs"),
        (FR, "« Le logo » et la charte"),
        (FR, "Le logo,\n        needs et les couleurs"),
        (FR, '"Le logo\n        et: les {couleurs"'),
        ("[leads]", "\n      - leads"),
        ("[leads]", "[\n      leads,  # a ] comment\n    ]"),
        ("[leads]", "&leads [leads]"),
        ("slug: brand", "slug:\tbrand"),
        ("    needs", "\n    needs"),
    ],
)
def test_what_is_sound_stays_so(old: str, new: str) -> None:
    text = replaced(SHORT, ENTRY, replaced(ENTRY, old, new))
    for line_break in ("\n", "\r\n", "\r"):
        assert problems(text.replace("\n", line_break)) == []


MISTAKES = [
    ("slug: scrap\n", "slug: Scrap\n"),
    ('sources\n    label: { fr: "Import', 'source\n    label: { fr: "Import'),
    ("slug: emails\n    category: enrich", "slug: emails\n    category: enrichment"),
    ("api_endpoint: /api/phones-extra", "api_endpiont: /api/phones-extra"),
    ("keywords: [comptes", "keywords: [comptes, comptes"),
    ("needs: [leads]\n    produces: [legal_notices]", "needs: leads\n    produces: [legal_notices]"),
    ("produces: [company_data]", "produces: [company_data, company_data]"),
    ("documentation: /docs/modules/pagespeed", "documentation: docs/modules/pagespeed"),
    ("owner: team-outreach\n\n  - slug: delivery_check", "owner: Team Outreach\n\n  - slug: delivery_check"),
    ("is_meta: true\n    api_endpoint: /api/veille", 'is_meta: "true"\n    api_endpoint: /api/veille'),
    ("stage: building\n    owner: team-sources", "stage: bilding\n    owner: team-sources"),
    ("legacy_features: [company,", "legacy_features: [Company,"),
]


@pytest.mark.parametrize(
    ("old", "new"), [("[leads]", "[leads"), ("owner: ", "owner: @"), ("needs", " needs"), ("needs", "\tneeds")]
)
def test_a_line_that_yaml_reads_is_no_syntax_error_beside_one(old: str, new: str) -> None:
    """A language in the column of the fields is a field that is not known, whatever else cannot be read."""
    astray = f"{EN}\n    en: {EN}"
    found = problems(replaced(SHIPPED, ENTRY, replaced(replaced(ENTRY, EN, astray), old, new)))
    assert [problem.rule for problem in found] == ["unknown-field", "syntax"]


SYNTAX = [(None, (old, new)) for old, new, rule, *_ in (*EDITS, *FORMS, *ITEMS, *PARTS) if rule == "syntax"]


@pytest.mark.parametrize(("old", "new"), one_in(10, SYNTAX))
def test_a_syntax_error_hides_no_other_mistake(old: str, new: str) -> None:
    text = SHIPPED
    for right, wrong in MISTAKES:
        text = replaced(text, right, wrong)
    others = [problem.rule for problem in problems(text)]
    assert len(others) == len(MISTAKES)
    found = problems(replaced(text, ENTRY, replaced(ENTRY, old, new.replace("¦", ""))))
    assert sorted(problem.rule for problem in found) == sorted([*others, "syntax"])


def test_what_could_not_be_read_is_said_and_nothing_is_missing_because_of_it() -> None:
    text = replaced(
        SHIPPED, "    needs: [leads]\n    produces: [company_ids]", "    nonsense [leads]\n    x: [company_ids]"
    )
    (problem,) = problems(text)
    assert (problem.rule, problem.line) == ("syntax", 91)
    assert problem.hint.endswith("the rest of this entry, lines 84 to 97, is not checked until then")


def test_several_syntax_errors_are_told_side_by_side_and_mended_together() -> None:
    text = SHIPPED
    for old, new in [("slug: scrap", "slug:scrap"), ("  - slug: emails", "  – slug: emails"), ("ids]", "ids")]:
        text = replaced(text, old, new)
    assert [problem.line for problem in problems(text)] == [8, 38, 92]
    assert problems(mended(text, problems(text))) == []


SIGNS = [*"\"'[]{},:#-&*!|>@`%\t\r\n +<=~", "\u00a0", "“", "»", "–", "\u200b", "\n<<<<<<< x\n", "```\n", ""]


@settings(max_examples=30)  # tests/registry/test_mutated_files.py has thousands
@given(
    st.lists(
        st.tuples(st.integers(0, len(SHIPPED) - 1), st.integers(0, 3), st.sampled_from(SIGNS)), min_size=1, max_size=4
    )
)
def test_small_damage_has_problems_with_places_and_short_words(damage: list[tuple[int, int, str]]) -> None:
    text = SHIPPED
    for at, length, new in damage:
        text = text[:at] + new + text[at + length :]
    if isinstance(outcome(text.encode()), list):
        for problem in problems(text):
            assert len(problem.message) <= 2_000 and len(problem.hint) <= 2_000
            places = [0, *(place for edit in problem.fix for place in (edit.start, edit.end)), len(text)]
            assert places == sorted(places)
