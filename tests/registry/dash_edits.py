"""Edits as those of syntax_edits.py, of dashes and of what stands around a key or a name, each a piece of the file."""

from __future__ import annotations

import re

from checking import replaced
from syntax_edits import ENTRY, HEAD, LABEL
from whole_files import FIRST_TWO

KEYWORDS = "    keywords: [branding, typographie, fonts, identité visuelle, design]\n"
FIRST = FIRST_TWO.partition("\n\n")[0] + "\n"
BODY = ENTRY.removeprefix(HEAD)
AS_JSON = """  {
    "slug": "brand_assets",
    "category": "enrich",
    "label": { "fr": "Logo", "en": "Brand assets" },
    "needs": [
      "leads"
    ],
    "produces": ["brand_assets"],
    "api_endpoint": "/api/brand-assets"
  }"""
ON_ONE_LINE = "slug: brand_assets, category: enrich, label: { fr: A, en: B }, needs: [leads], coming_soon: true }\n"


def in_entry(old: str, new: str) -> tuple[str, str]:
    """An edit of the entry that most of them are of."""
    return ENTRY, replaced(ENTRY, old, new)


def each_line(text: str, old: str, new: str) -> str:
    """Text whose lines begin otherwise, as far as they have begun with `old`; ¦ in the first of them."""
    lines = [new + line.removeprefix(old) if line.startswith(old) else line for line in text.splitlines(True)]
    return "".join(lines)


def numbered(form: str, first: int = 480) -> str:
    """The entry with a number before each line, ¦ before the first."""
    lines = [f"{form.format(number)}{line}" for number, line in enumerate(ENTRY.splitlines(True), first)]
    lines[0] = lines[0].replace(str(first), f"¦{first}", 1)
    return "".join(lines)


def _below(name: str, *items: str) -> tuple[str, str]:
    """The list of the entry with this name, with one line for each item."""
    line = next(line for line in ENTRY.splitlines(True) if line.strip().startswith(f"{name}:"))
    return in_entry(line, f"    {name}:\n" + "".join(f"{item}\n" for item in items))


_BEFORE, _BEFORE_SOME, _REMOVE = "a dash stands before ", "dashes stand before ", "remove the dash"
_LEFT = "begins in column 5, and its list left of it, in column "
_KEYED = "an entry begins with its slug and a colon, where the others have a dash; write - "
_NUMBERS = "this line and 12 lines below it begin with their numbers, which were copied as well; take the number away"

#: A piece of the file, what is written instead, the rule, words of the message, and whether its edits mend the file.
DASHES: dict[str, tuple[tuple[str, str], str, str, bool]] = {
    # Fields with a dash.
    "the first field": (in_entry("    category", "    ¦- category"), "syntax", f"{_BEFORE}category", True),
    "the last field": (in_entry("    owner", "    ¦- owner"), "syntax", _REMOVE, True),
    "a field in the middle": (in_entry("    needs", "    ¦- needs"), "syntax", _REMOVE, True),
    "a field above its parts": (in_entry("    description", "    ¦- description"), "syntax", _REMOVE, True),
    "two fields": (
        in_entry("    needs: [leads]\n    produces", "    ¦- needs: [leads]\n    - produces"),
        *("syntax", f"{_BEFORE_SOME}needs and others below it", True),
    ),
    "two fields apart": (
        (ENTRY, replaced(replaced(ENTRY, "    needs", "    ¦- needs"), "    owner", "    - owner")),
        *("syntax", "which are fields of the entry and no items; remove these 2 dashes", True),
    ),
    "every field": (
        (ENTRY, HEAD + each_line(BODY, "    ", "    - ").replace("    -   ", "      ").replace("- cat", "¦- cat")),
        *("syntax", f"{_BEFORE_SOME}category", True),
    ),
    "a field of the first entry": (
        (FIRST, FIRST.replace("    category", "    ¦- category")),
        *("syntax", f"{_BEFORE}category", True),
    ),
    "every field, in the column of the entries": (
        (ENTRY, HEAD + each_line(BODY, "    ", "  - ").replace("  -   ", "      ").replace("- cat", "- ¦cat")),
        *("missing-field", "begins another module at category, and at 9 fields below it; remove these 10 dashes", True),
    ),
    "two fields, in the column of the entries": (
        in_entry("    needs: [leads]\n    produces", "  - ¦needs: [leads]\n  - produces"),
        *("missing-field", "at needs, and at 1 field below it; remove these 2 dashes: the fields belong toge", True),
    ),
    "a field, in the column of the entries": (
        in_entry("    needs", "  - ¦needs"),
        *("missing-field", "begins another module at needs; remove the - if the fields belong together", False),
    ),
    # Lists left of their names.
    "in the column of the entries": (
        _below("needs", "  ¦- leads"),
        "syntax",
        f"{_LEFT}3; indent the dash by 6 spaces",
        True,
    ),
    "one off": (_below("needs", "   ¦- leads"), "syntax", f"{_LEFT}4", True),
    "items with signs": (
        _below("keywords", "  ¦- C#", '  - "ratio 3:1"', "  - .csv"),
        *("syntax", f"{_LEFT}3; indent the dashes by 6 spaces", True),
    ),
    "at the margin": (_below("needs", "¦- leads"), "syntax", f"{_LEFT}1", True),
    "several items": (
        _below("keywords", "  ¦- branding", "  - CA", "  - charte graphique  # and logo"),
        *("syntax", f"{_LEFT}3; indent the dashes by 6 spaces", True),
    ),
    "several at the margin": (
        _below("keywords", '¦- "branding"', "", '- "CA"'),
        "syntax",
        "indent the dashes by 6",
        True,
    ),
    "several one off": (_below("keywords", "   ¦- branding", "   - CA"), "syntax", "indent the dashes by 6", True),
    "behind a comment": (_below("needs", "  # all", "  ¦- leads"), "syntax", f"{_LEFT}3", True),
    # Entries without their dash, or with another sign.
    "no dash of the first": (
        (FIRST, FIRST.replace("  - slug", "    ¦slug")),
        *("syntax", "the first entry begins here without its dash; write - slug: scrap", True),
    ),
    "no dash of the first, at its column": (
        (FIRST, FIRST.replace("  - slug", "  ¦slug")),
        *("syntax", "begins here without its dash", True),
    ),
    "the first begins with its category": (
        (FIRST, "    ¦category: sources\n    slug: scrap\n" + FIRST.partition("sources\n")[2]),
        *("syntax", "the first entry begins here without its dash; write - category: sources", True),
    ),
    "the first line of the first lost": (
        (FIRST, FIRST.partition("\n")[2].replace("    category", "    ¦category")),
        *("syntax", "without its dash and its slug; write - slug: and its name above category", False),
    ),
    "a field above the first": (
        (FIRST, "    ¦category: sources\n" + FIRST.replace("    category: sources\n", "")),
        *("syntax", "category stands above the line with the slug of the first entry; move it below that", True),
    ),
    "all of it in the column of the dash": (
        (ENTRY, each_line(ENTRY, "    ", "  ").replace("  - slug", "  ¦slug")),
        *("syntax", "an entry begins here without its dash; write - slug: brand_assets", True),
    ),
    "all of it at the margin": (
        (ENTRY, each_line(ENTRY, "    ", "").replace("  - slug", "¦slug")),
        *("syntax", "an entry begins here without its dash", True),
    ),
    "no blanks": (
        in_entry("- slug: ", "¦-slug:"),
        "syntax",
        "and no space after the colon of slug; write - slug: b",
        True,
    ),
    "a colon behind the dash": (in_entry("- slug", "-¦: slug"), "syntax", ": stands before slug; remove it", True),
    "a colon, and no blank": (in_entry("- slug", "-¦:slug"), "syntax", ": stands before slug; remove", True),
    # Entries below their slug.
    "below its slug": (in_entry(HEAD, "  ¦brand_assets:\n"), "syntax", f"{_KEYED}slug: brand_assets", True),
    "below its slug, deeper": (
        (ENTRY, "  ¦brand_assets:  # new\n" + each_line(BODY, "    ", "      ")),
        *("syntax", f"{_KEYED}slug: brand_assets", True),
    ),
    "at the margin, below its slug": (
        (ENTRY, '¦"brand_assets":\n' + each_line(BODY, "    ", "  ")),
        *("syntax", f"{_KEYED}slug: brand_assets", True),
    ),
    "below its slug, with a slug": (
        (ENTRY, "  ¦brand_assets:\n    slug: brand_assets\n" + BODY),
        *("syntax", "write - slug: for the first field below it, and remove this line", True),
    ),
    "behind its slug": (
        (ENTRY, "  ¦brand_assets: { " + ON_ONE_LINE.partition(", ")[2]),
        *("syntax", f"{_KEYED}{{ slug: brand_assets, and the other fields behind it", True),
    ),
    # Objects of JSON.
    "an object": ((ENTRY, f"{AS_JSON}\n".replace("{", "¦{", 1)), "syntax", "write - before the {", True),
    "an object and a comma": (
        (ENTRY, f"{AS_JSON},\n".replace("{", "¦{", 1)),
        *("syntax", "an object of JSON stands between the entries, without the dash that begins an entry", True),
    ),
    "an object on one line": ((ENTRY, "  ¦{ " + ON_ONE_LINE), "syntax", "write - before the {", True),
    "two objects": (
        (ENTRY, f"{AS_JSON},\n{AS_JSON},\n".replace("{", "¦{", 1).replace("brand_", "", 1).replace("/brand-", "/", 1)),
        *("syntax", "2 objects of JSON stand between the entries, without the dash", True),
    ),
    # Brackets of nothing.
    "a ] behind an entry": (
        in_entry("    owner: team-companies\n", "    owner: team-companies\n  ¦]\n"),
        "syntax",
        "",
        True,
    ),
    "a } at the margin": (
        in_entry("    owner: team-companies\n", "    owner: team-companies\n¦}\n"),
        "syntax",
        "",
        True,
    ),
    "a ], with a comma": (
        in_entry("    needs", "    ¦],\n    needs"),
        *("syntax", "there is a ] here, and nothing is open that it could close; remove it", True),
    ),
    "the end of JSON": (
        in_entry("    owner: team-companies\n", "    owner: team-companies\n    ¦},\n  ]\n\n}\n"),
        *("syntax", "there is a } here, and nothing is open that it could close; remove it", True),
    ),
    # Numbers of lines.
    "numbers": ((ENTRY, numbered("{} ")), "syntax", _NUMBERS, True),
    "numbers and blanks": ((ENTRY, numbered(" {}  ")), "syntax", _NUMBERS, True),
    "numbers and bars": ((ENTRY, numbered(" {} | ")), "syntax", _NUMBERS, True),
    "numbers and colons": ((ENTRY, numbered("{}: ")), "syntax", _NUMBERS, True),
    "numbers and tabs": ((ENTRY, numbered("{}\t")), "syntax", _NUMBERS, True),
    "a number": (in_entry("    needs", "¦45     needs"), "syntax", "this line has its number before it; take", True),
    "numbers of some lines": (
        in_entry("    needs: [leads]\n    prod", "¦45      needs: [leads]\n46      prod"),
        *("syntax", "this line and 1 line below it begin with their numbers", True),
    ),
    # Signs of Markdown around a key.
    "bold": (
        in_entry("category:", "¦**category**:"),
        "syntax",
        "two **, which is bold in Markdown; write category:",
        True,
    ),
    "bold with its colon": (in_entry("category:", "¦**category:**"), "syntax", "bold in Markdown", True),
    "bold, everywhere": (
        (ENTRY, re.sub(r"(category|needs|label):", r"**\1:**", ENTRY).replace("**", "¦**", 1)),
        *("syntax", "category and others below it stand between two **, which is bold", True),
    ),
    "bold slug": (in_entry("slug:", "¦**slug**:"), "syntax", "slug stands between two **", True),
    "code": (in_entry("api_endpoint:", "¦`api_endpoint`:"), "syntax", "which is code in Markdown", True),
    "italics": (in_entry("api_endpoint:", "¦*api_endpoint:*"), "syntax", "which is italics in Markdown", True),
    "underscores": (in_entry("category:", "¦__category:__"), "syntax", "bold in Markdown", True),
    # Lists left of their names that YAML reads as entries.
    "at the end of an entry": (
        (ENTRY, f"{ENTRY}    formerly:\n  ¦- brands\n"),
        *("type", "formerly begins in column 5, and its list left of it, in column 3; indent the dash by 6 sp", True),
    ),
    "two at the end of an entry": (
        (ENTRY, f"{ENTRY}    formerly:\n  ¦- brands\n  - assets\n"),
        *("type", "and its list left of it, in column 3; indent the dashes by 6 spaces", True),
    ),
    "one below a blank line": (
        (ENTRY, f"{ENTRY}    formerly:\n\n  ¦- brands\n"),
        *("type", "formerly begins in column 5, and its list left of it, in column 3", False),
    ),
    # Fields in lists.
    "a field as an item": (
        in_entry(
            "    produces: [brand_assets]\n    pipelinable: true\n    api_endpoint",
            "    pipelinable: true\n    produces:\n      - brand_assets\n      - ¦api_endpoint",
        ),
        *("type", "api_endpoint stands in the list of produces, with a dash; write it in the column of produces", True),
    ),
    "fields as items": (
        in_entry(
            "    produces: [brand_assets]\n    pipelinable: true\n    api_endpoint",
            "    produces:\n    - brand_assets\n    - ¦pipelinable: true\n    - api_endpoint",
        ),
        *("type", "pipelinable and api_endpoint stand in the list of produces, with a dash; write them", True),
    ),
    "a field between items": (
        in_entry(
            f"{KEYWORDS}    needs: [leads]\n",
            "    keywords:\n      - branding\n      - ¦needs: [leads]\n      - CA\n",
        ),
        *("type", "needs stands in the list of keywords, with a dash; write it in the column of keywords", False),
    ),
    "a field in lines as an item": (
        in_entry(f"{KEYWORDS}    needs: [leads]\n", "    keywords:\n      - CA\n      - ¦needs:\n          - leads\n"),
        *("type", "needs stands in the list of keywords, with a dash", False),
    ),
    # Keys of the file among the entries.
    "legacy_features as an entry": (
        ("legacy_features:", "  - ¦legacy_features:"),
        *(
            "unknown-field",
            "stands in the list of modules, with a dash; write it at the left margin, without the da",
            True,
        ),
    ),
    "legacy_features with a dash": (("legacy_features:", "¦- legacy_features:"), "syntax", "in the list of modu", True),
    "legacy_features as an entry, in lines": (
        ("legacy_features: [company, monitoring, pagespeed]", "  - ¦legacy_features:\n    - company\n    - monitoring"),
        *("unknown-field", "legacy_features stands in the list of modules, with a dash", True),
    ),
    "removed before an entry": (
        (HEAD, f"  - ¦removed: []\n{HEAD}"),
        *("unknown-field", "removed stands in the list of modules, with a dash; write it at the left margin", False),
    ),
    # Entries without their dash, whose fields YAML gives to the one before.
    "no dash": (in_entry("  - slug", "    ¦slug"), "duplicate-key", "begin each module with a line of its own", True),
    # Names with a sign before them.
    "an item with !": (in_entry("[leads]", "[¦!leads]"), "syntax", "cannot begin with !; write leads", True),
    "items with !": (in_entry("[leads]", "[¦!leads, !company_ids]"), "syntax", "write leads", True),
    "an item with ! and a blank": (
        in_entry("[leads]", "[ ¦!leads ]"),
        *("yaml-misread", "YAML reads !leads as a tag of nothing; write leads, without the !", True),
    ),
    "an item with &": (in_entry("[leads]", "[¦&leads]"), "yaml-misread", "as an anchor of nothing; write leads", True),
    "an item with & in a line": (
        _below("needs", "      - ¦&leads"),
        *("yaml-misread", "YAML reads &leads as an anchor of nothing; write leads, without the &", True),
    ),
    "a list with &": (in_entry("[leads]", "¦&leads"), "yaml-misread", "write [leads], without the &", True),
    "a list with !": (in_entry("[leads]", "¦!leads"), "yaml-misread", "write [leads], without the !", True),
    "a category with &": (in_entry("enrich", "¦&enrich"), "yaml-misread", "write enrich, without the &", True),
    "a slug with &": (in_entry(": brand", ": ¦&brand"), "yaml-misread", "write brand_assets, without", False),
    "a slug with !": (in_entry(": brand", ": ¦!brand"), "yaml-misread", "write brand_assets, without", False),
    "an item as the tag of another": (
        in_entry("[leads]", "[¦!leads company_ids]"),
        *("unknown-tag", "write leads, company_ids if both are meant, or remove the tag", False),
    ),
    # Text on the line of a list.
    "text behind modules:": (
        ("modules:\n  # Active: sources", "modules: ¦all of them\n  # Active: sources"),
        *("syntax", 'modules has the text "all of them" beside it, and the entries below it; remove the text', False),
    ),
    # Another sign before a key.
    "a bracket before a field": (in_entry("    needs", "    ¦]needs"), "syntax", "] stands before needs; remove", True),
    "a bracket and a blank": (in_entry("    needs", "  ¦] needs"), "syntax", "] stands before needs; remove it", True),
    "a sign behind the dash": (in_entry("- slug", "-¦@ slug"), "syntax", "@ stands before slug; remove it", True),
    "a sign before the dash": (in_entry("  - slug", "  ¦** - slug"), "syntax", "** stands before slug; rem", True),
    "a number before the dash": (in_entry("  - slug", "  ¦1 - slug"), "syntax", "1 stands before slug; rem", True),
    "a sign before two fields": (
        in_entry("    category: enrich\n    label", "    ¦> category: enrich\n    > label"),
        *("syntax", "> stands before category, here and on 1 line below; remove it", True),
    ),
    "a sign before lines of all kinds": (
        (BODY, "    ¦> " + BODY[4:].replace("\n    ", "\n    > ").replace("[leads]", "\n    >   - leads")),
        *("syntax", "> stands before category, here and on 12 lines below; remove it", True),
    ),
    "a sign before an entry": (
        (ENTRY, each_line(ENTRY, "", "> ").replace("> ", "¦> ", 1)),
        *("syntax", "> stands before slug, here and on 12 lines below; remove it", True),
    ),
    "a sign for the dash": (in_entry("  - slug", "  ¦> slug"), "syntax", "an entry begins with >, not with", True),
    "a bar for the dash": (in_entry("  - slug", "  ¦| slug"), "syntax", "an entry begins with |, not with", True),
    "a sign before the parts": (
        in_entry("    category: enrich\n    label", "  ¦| category: enrich\n  | label"),
        *("syntax", "| stands before category, here and on 1 line below; remove it", True),
    ),
    # A key on two lines.
    "a colon below": (
        in_entry("category: enrich", "category\n    ¦: enrich"),
        *("syntax", "the colon of category stands on the line below it; write category: enrich on one line", True),
    ),
    "a colon deeper": (in_entry("needs: ", "needs\n      ¦: "), "syntax", "write needs: [leads] on one line", True),
    "a colon below slug": (in_entry("slug: ", "slug\n    ¦: "), "syntax", "the colon of slug stands", True),
    "a colon before a block": (in_entry("description:", "description\n    ¦:"), "syntax", "the colon of desc", True),
}

#: Pieces of the file, and what is just as right.
SOUND: list[tuple[str, str]] = [
    _below("needs", "    - leads"),
    _below("needs", "     - leads"),
    _below("needs", "", "        - leads"),
    in_entry("    description:", "    description: &d"),
    in_entry("[leads]", "&leads [&it leads]"),
    in_entry("    owner: team-companies\n", "    owner: &owner team-companies\n"),
    in_entry("needs: [leads]", "needs: [!!str leads]"),
    (ENTRY, f"  - {AS_JSON.strip()}\n"),
    (ENTRY, f"  - {{ {ON_ONE_LINE}"),
    (ENTRY, "  -\n    slug: brand_assets\n" + BODY),
    in_entry(
        LABEL,
        "\n      fr: >-\n        **category**: x\n        12 needs: x\n        ]\n        - category: x\n      en: x",
    ),
    (FIRST, each_line(FIRST.replace("  - slug", "  -  slug"), "    ", "     ")),
]
