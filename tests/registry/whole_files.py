"""Files that came to the repository otherwise than by an edit: copied, quoted, wrapped, cut off, or of another kind.

Each is made of the shipped registry.yaml, or of nothing of it. One mistake was made with it, so it gives one problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import indent

from support import REPOSITORY

SHIPPED = (REPOSITORY / "registry.yaml").read_text(encoding="utf-8")
UNCOMMENTED = re.sub(r"^ *#.*\n", "", SHIPPED, flags=re.MULTILINE)
ENTRIES = SHIPPED.partition("modules:\n")[2].partition("legacy_features")[0]
CRM = SHIPPED.index("  - slug: crm\n")
FIRST_TWO = SHIPPED[SHIPPED.index("  - slug: scrap\n") : SHIPPED.index("  - slug: emails\n")]
ONE = "modules:\n" + FIRST_TWO.partition("\n\n")[0] + "\n"


@dataclass(frozen=True, slots=True)
class Whole:
    """A file, the line, the rule and words of its problem, and what its fix, if it has one, makes of it."""

    text: str | bytes
    line: int
    words: str
    rule: str = "syntax"
    mends: str | None = None
    """Nothing where no fix is certain; else a sound file that says the same."""


def before(sign: str, text: str = SHIPPED, blank: str | None = None) -> str:
    """Every line behind a sign; `blank` is what becomes of an empty one."""
    blank = sign.rstrip() if blank is None else blank
    return "".join(sign + line if line.strip() else blank + "\n" for line in text.splitlines(True))


def numbered(form: Callable[[int], str], text: str = SHIPPED) -> str:
    return "".join(form(number) + line for number, line in enumerate(text.splitlines(True), 1))


def at(offset: int, inserted: str) -> str:
    return SHIPPED[:offset] + inserted + SHIPPED[offset:]


def replaced(old: str, new: str, text: str = SHIPPED) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


MAIL, SEARCH = "every line begins with >, as a mail quotes it", "as a search through files prints it"
NUMBER = "every line begins with its number"

PREFIXED = {
    "a quoted mail": Whole(before("> "), 1, MAIL, mends=SHIPPED),
    "a quoted mail whose blank lines are empty": Whole(before("> ", blank=""), 1, MAIL, mends=SHIPPED),
    "a quoted mail without comments": Whole(before("> ", UNCOMMENTED), 1, MAIL, mends=SHIPPED),
    "a quoted mail without blanks": Whole(before(">"), 1, MAIL, mends=SHIPPED),
    "an answer to an answer": Whole(before("> > "), 1, "begins with > >, as a mail", mends=SHIPPED),
    "an answer to an answer, close": Whole(before(">> "), 1, "begins with >>, as a mail", mends=SHIPPED),
    "a piece of a mail": Whole(before("> ", ONE), 1, MAIL, mends=ONE),
    "numbers and two blanks": Whole(numbered(lambda n: f"{n}  "), 1, NUMBER, mends=SHIPPED),
    "numbers to the left of a column": Whole(numbered(lambda n: f"{n:<6}"), 1, NUMBER, mends=SHIPPED),
    "numbers of cat": Whole(numbered(lambda n: f"{n:6}\t"), 1, NUMBER, mends=SHIPPED),
    "numbers of less": Whole(numbered(lambda n: f"{n:7} "), 1, NUMBER, mends=SHIPPED),
    "numbers and a colon": Whole(numbered(lambda n: f"  {n}: "), 1, NUMBER, mends=SHIPPED),
    "numbers of grep": Whole(numbered(lambda n: f"{n}:", UNCOMMENTED), 1, NUMBER, mends=SHIPPED),
    "numbers and an arrow": Whole(numbered(lambda n: f"{n:5}→"), 1, NUMBER, mends=SHIPPED),
    "numbers and a line": Whole(numbered(lambda n: f"{n:4} │ "), 1, NUMBER, mends=SHIPPED),
    "numbers and a bar": Whole(numbered(lambda n: f"{n:4} | ", ONE), 1, NUMBER, mends=ONE),
    "numbers and a full stop": Whole(numbered(lambda n: f"{n}. "), 1, NUMBER, mends=SHIPPED),
    "names of a search": Whole(before("registry.yaml:"), 1, SEARCH, mends=SHIPPED),
    "names and numbers of a search": Whole(numbered(lambda n: f"a/registry.yaml:{n}:"), 1, NUMBER, mends=SHIPPED),
    "a table": Whole(before("| "), 1, "begins with |, as a table or a frame", mends=SHIPPED),
    "a frame": Whole(before("│ "), 1, "begins with │", mends=SHIPPED),
    "added lines": Whole(before("+"), 1, "begins with +, as the added lines of a diff", mends=SHIPPED),
    "added lines with a blank": Whole(before("+ "), 1, "begins with +", mends=SHIPPED),
    "removed lines": Whole(before("-"), 1, "begins with -", mends=SHIPPED),
    "a list of lines": Whole(before("- ", ONE), 1, "begins with -, as a list", mends=ONE),
    "a comment of another language": Whole(before("// "), 1, "begins with //", mends=SHIPPED),
    "a comment in stars": Whole(before(" * ", ONE), 1, "begins with *", mends=ONE),
    "prompts": Whole(before("$ ", ONE), 1, "begins with $", mends=ONE),
    "tabs": Whole(before("\t"), 1, "begins with a tab", mends=SHIPPED),
    "no-break spaces": Whole(before("\u00a0\u00a0", ONE), 1, "begins with U+00A0", mends=ONE),
    "comments": Whole(before("# "), 1, "every line is a comment", "empty", SHIPPED),
    "comments without blanks": Whole(before("#", blank=""), 1, "take the # away from each line", "empty", SHIPPED),
}

HUNK = "@@ -155,7 +155,7 @@\n"
GIT = "diff --git a/registry.yaml b/registry.yaml\nindex 1a2b3c4..5d6e7f8 100644\n"
NAMES = "--- a/registry.yaml\n+++ b/registry.yaml\n"
CONTEXT = SHIPPED[CRM:].splitlines(True)[:6]
WITH_BLANKS = "".join(f" {line}" for line in CONTEXT)
WITH_STAGE = replaced("    coming_soon: true\n", "    coming_soon: true\n    formerly: [sales]\n", SHIPPED[CRM:])

DIFFS = {
    "a hunk's header before an entry": Whole(at(CRM, HUNK), 458, "delete this line", mends=SHIPPED),
    "a hunk's header in an entry": Whole(
        at(CRM + len("  - slug: crm\n"), HUNK), 459, "delete this line", mends=SHIPPED
    ),
    "a hunk's header with a name": Whole(at(CRM, f"{HUNK[:-1]} modules:\n"), 458, "from a diff", mends=SHIPPED),
    "a hunk's header of one line": Whole(at(CRM, "@@ -155 +155 @@\n"), 458, "delete this line", mends=SHIPPED),
    "a hunk's header above all": Whole("@@ -1,9 +1,9 @@\n" + SHIPPED, 1, "delete this line", mends=SHIPPED),
    "a header that was shortened": Whole(at(CRM, "@@ ... @@\n"), 458, "delete this line", mends=SHIPPED),
    "all headers in the middle": Whole(at(CRM, GIT + NAMES + HUNK), 458, "lines 458 to 462", mends=SHIPPED),
    "all headers above all": Whole(GIT + NAMES + HUNK + SHIPPED, 1, "lines 1 to 5 are from a diff", mends=SHIPPED),
    "git's header": Whole(GIT + SHIPPED, 1, "delete them", mends=SHIPPED),
    "an index": Whole(at(CRM, "index 1a2b3c4..5d6e7f8 100644\n"), 458, "delete this line", mends=SHIPPED),
    "a mode": Whole("new file mode 100644\n" + SHIPPED, 1, "delete this line", mends=SHIPPED),
    "names of another tool": Whole(
        NAMES.replace("a/", "").replace("b/", "") + SHIPPED, 1, "from a diff", mends=SHIPPED
    ),
    "what ends a diff": Whole(SHIPPED + "\\ No newline at end of file\n", 705, "delete this line", mends=SHIPPED),
    "a hunk with the blanks of its lines": Whole(
        replaced("".join(CONTEXT), f"@@ -458,6 +458,6 @@\n{WITH_BLANKS}"), 458, "remove the blank", mends=SHIPPED
    ),
    "a sign over a blank": Whole(
        replaced("    owner:", "+   owner:"), 21, "write a blank for the + in front of it", mends=SHIPPED
    ),
    "signs over blanks": Whole(
        replaced("".join(CONTEXT), "".join(f"+{line[1:]}" for line in CONTEXT)),
        458,
        "write a blank for the +",
        mends=SHIPPED,
    ),
    "a hunk that adds": Whole(
        SHIPPED[:CRM]
        + replaced(
            "".join(CONTEXT), f"@@ -458,6 +458,7 @@\n{WITH_BLANKS}+    stage: building\n", SHIPPED[CRM:]
        ).replace("    stage: planned\n", "", 1),
        *(458, "remove the + or the blank in front of each line"),
        mends=SHIPPED[:CRM]
        + replaced("".join(CONTEXT), f"{''.join(CONTEXT)}    stage: building\n", SHIPPED[CRM:]).replace(
            "    stage: planned\n", "", 1
        ),
    ),
    "a diff of all of it": Whole(
        GIT
        + NAMES
        + "@@ -1,704 +1,704 @@\n"
        + replaced("     owner:", "-    owner: x\n+    owner:", before(" ", blank=" ")),
        *(1, "delete the lines that begin with -, and remove the + in front of the others"),
    ),
    "a diff of a piece": Whole(
        GIT + NAMES + f"@@ -458,6 +458,7 @@ modules:\n{WITH_BLANKS}+    stage: planned\n",
        1,
        "this is a diff, a piece of",
    ),
    "a diff that removes a piece": Whole(
        f"{NAMES}@@ -458,6 +457,5 @@\n{WITH_BLANKS}-    stage: planned\n", 1, "this is a diff, a piece of"
    ),
    "a hunk of a piece": Whole(f"{HUNK}{WITH_BLANKS}+    stage: planned\n", 1, "such as with `git apply`"),
}

BELOW = "move it to the top level, where modules: begins at the left margin"


def wrapped(key: str, blanks: int = 2, text: str = SHIPPED) -> str:
    return f"{key}\n{indent(text, ' ' * blanks)}"


WRAPPED = {
    "registry": Whole(wrapped("registry:"), 1, f'below "registry"; {BELOW}', "missing-field", SHIPPED),
    "data, four blanks": Whole(wrapped("data:", 4), 1, 'stands below "data"', "missing-field", SHIPPED),
    "spec, with a comment": Whole(wrapped("spec:  # below"), 1, 'stands below "spec"', "missing-field", SHIPPED),
    "two keys": Whole(wrapped("a:\n  b:", 4), 1, 'below "a" and "b"', "missing-field", SHIPPED),
    "comments at the margin": Whole(
        wrapped("registry:").replace("\n  #", "\n#"), 1, 'below "registry"', "missing-field", SHIPPED
    ),
    "a list of one": Whole(
        f"- modules:\n{indent(ENTRIES, '  ')}", 1, "stands in a list", "missing-field", f"modules:\n{ENTRIES}"
    ),
    "legacy_features outside": Whole(
        wrapped("registry:", text="modules:\n" + ENTRIES) + "legacy_features: []\n",
        *(1, 'below "registry"', "missing-field", f"modules:\n{ENTRIES}legacy_features: []\n"),
    ),
    "a manifest": Whole(
        wrapped("apiVersion: v1\nkind: Registry\nmetadata: { name: x }\nspec:"),
        *(4, 'and remove "apiVersion", "kind" and "metadata"', "missing-field"),
    ),
    "a version beside it": Whole(wrapped("version: 2\nregistry:"), 2, 'and remove "version"', "missing-field"),
    "braces": Whole("{ registry: { modules: [] } }\n", 1, 'stands below "registry"', "missing-field"),
    "a manifest's text": Whole(
        wrapped("data:\n  registry.yaml: |", 4), 2, "save that text alone as the file", "missing-field"
    ),
    "modules below modules": Whole(
        "modules:\n" + wrapped("  modules:", text=ENTRIES), 2, "remove the line", "type", f"modules:\n{ENTRIES}"
    ),
    "items below modules": Whole(
        "modules:\n" + wrapped("  items:", text=ENTRIES), 2, 'below "items" in modules', "type", f"modules:\n{ENTRIES}"
    ),
    "slugs for keys": Whole(
        re.sub(r"^  - slug: (\w+)$", r"  \1:", SHIPPED, flags=re.MULTILINE),
        *(8, "modules is a mapping, not a list: the slugs stand where the entries begin; write - slug: scrap", "type"),
        mends=SHIPPED,
    ),
    "another name of modules": Whole(
        replaced("\nmodules:", "\nentries:"), 5, "did you mean modules?", "unknown-field", SHIPPED
    ),
    "a question mark before modules": Whole(
        replaced("\nmodules:", "\n? modules:"), 5, "the ? in front of modules", "key-not-text", SHIPPED
    ),
    "a question mark before a field": Whole(
        replaced("    owner:", "    ? owner:"), 21, "the ? in front of owner", "key-not-text", SHIPPED
    ),
    "a question mark before a slug": Whole(
        replaced("- slug:", "- ? slug:"), 8, "the ? in front of slug", "key-not-text", SHIPPED
    ),
    "a question mark before a key with a list": Whole(
        replaced("    needs: [leads]", "    ? needs:\n    : [leads]"), 45, "the ? in front of needs", "key-not-text"
    ),
}

AGAIN = "modules and legacy_features come again"

TWICE = {
    "twice": Whole(SHIPPED * 2, 709, "delete the second copy, from line 705", "duplicate-key", SHIPPED),
    "twice, with a blank line": Whole(f"{SHIPPED}\n{SHIPPED}", 710, AGAIN, "duplicate-key", SHIPPED),
    "twice, without comments": Whole(UNCOMMENTED * 2, 693, AGAIN, "duplicate-key", SHIPPED),
    "three times": Whole(SHIPPED * 3, 709, AGAIN, "duplicate-key", SHIPPED),
    "twice, on the same line": Whole(SHIPPED.rstrip() + SHIPPED, 708, AGAIN, "duplicate-key", SHIPPED),
    "twice, and one was edited": Whole(
        SHIPPED + replaced("category: sources", "category: tools"),
        709,
        "delete lines 1 to 704, or all",
        "duplicate-key",
    ),
    "twice, as two documents": Whole(
        f"{SHIPPED}---\n{SHIPPED}", 705, "delete the second copy, from line 705", "second-document", SHIPPED
    ),
    "all entries twice": Whole(
        f"modules:\n{ENTRIES}{ENTRIES}", 702, "the same 52 modules stand", "duplicate-slug", f"modules:\n{ENTRIES}"
    ),
    "two entries twice": Whole(
        replaced("  - slug: emails\n", f"{FIRST_TWO}  - slug: emails\n"),
        *(
            38,
            "scrap and import: the same 2 modules stand in the file already, from line 8 on",
            "duplicate-slug",
            SHIPPED,
        ),
    ),
    "one entry twice": Whole(
        replaced("  - slug: import\n", f"{ONE[9:]}\n  - slug: import\n"),
        *(23, "scrap: the same module stands in the file already", "duplicate-slug", SHIPPED),
    ),
    "a second list": Whole(
        replaced("  - slug: import\n", "modules:\n  - slug: import\n"),
        23,
        "delete this line, so that what follows it belongs to the list above",
        "duplicate-key",
        SHIPPED,
    ),
}

JSON = '{\n  "modules": [\n    { "slug": "scrap", "category": "tools", "label": { "fr": "A", "en": "A" },\n'
JSON += '      "api_endpoint": "/api/scrap" }\n  ]\n}\n'

FOREIGN = {
    "TOML": Whole('[[modules]]\nslug = "scrap"\nneeds = ["leads"]\n', 1, "this is TOML, and a registry is YAML"),
    "TOML, of other names": Whole('# all\n[[entries]]\nslug = "x"\n', 1, "this is TOML"),
    "TOML, a table": Whole('[modules.scrap]\ncategory = "sources"\n', 1, "this is TOML"),
    "TOML, a value first": Whole('legacy_features = ["a"]\n\n[[modules]]\nslug = "x"\n', 1, "this is TOML"),
    "INI": Whole("[scrap]\ncategory=sources\nlabel=Scraper\n\n[crm]\ncategory=tools\n", 1, "this is INI"),
    "INI with a comment": Whole("; modules\n[scrap]\ncategory = sources\n", 1, "this is INI"),
    "settings": Whole("scrap.category=sources\nscrap.label=Scraper\n", 1, "a file of settings (name = value)"),
    "CSV": Whole("slug,category,label_fr\ncrm,tools,CRM\nsort,tools,Trier\n", 1, "this is CSV"),
    "CSV of a French spreadsheet": Whole("slug;category;label_fr\ncrm;tools;CRM\n", 1, "this is CSV"),
    "CSV in quotes": Whole('"slug","category","label"\n"crm","tools","CRM"\n', 1, "this is CSV"),
    "a table by tabs": Whole("slug\tcategory\tlabel\ncrm\ttools\tCRM\n", 1, "this is CSV"),
    "a table of Markdown": Whole("| slug | category |\n|---|:-:|\n| crm | tools |\n", 1, "this is a table of Markdown"),
    "JSON with a comment": Whole(
        replaced('  "modules"', '  // all of them\n  "modules"', JSON), 2, "begin each comment with #", mends=JSON
    ),
    "JSON with comments of both kinds": Whole(
        replaced(" }\n  ]", " } /* x\n y */\n  ]", JSON).replace("{\n", "{ // a\n", 1),
        *(1, "this is JSON with comments"),
        mends=JSON,
    ),
    "JSON below a comment": Whole("// all\n" + JSON, 1, "// begins no comment", mends=JSON),
    "JavaScript": Whole('export const modules = [\n  { slug: "scrap" },\n];\n', 1, "this is JavaScript"),
    "SQL": Whole("INSERT INTO modules VALUES ('scrap');\n", 1, "this is SQL"),
    "HCL": Whole('module "scrap" {\n  category = "sources"\n}\n', 1, "this is HCL"),
    "XML": Whole('<modules><module slug="x"/></modules>\n', 1, "this is XML"),
    "XML with its declaration": Whole('<?xml version="1.0"?>\n<modules/>\n', 1, "this is XML"),
    "a page": Whole("<html>\n<body>404: not found</body>\n</html>\n", 1, "this is a web page"),
    "another program's file": Whole(
        'version: "3"\nservices:\n  web: { image: x }\n', 1, 'the keys are "version" and "services"', "missing-field"
    ),
    "an answer of an API": Whole('{"message": "Not Found"}\n', 1, "this is the message of a program"),
    "another file of one key": Whole('{"message": "Hello"}\n', 1, 'the only key is "message"', "missing-field"),
    "an error": Whole("404: Not Found\n", 1, "YAML reads the key 404 as a number", "key-not-text"),
}


NEW = """  - slug: podcasts
    category: sources
    label: { fr: "Podcasts", en: "Podcasts" }
    produces: [leads]
    coming_soon: true
"""


def everywhere(old: str, new: str, text: str = UNCOMMENTED) -> str:
    return re.sub(old, new, text, flags=re.MULTILINE)


def no_break(found: re.Match[str]) -> str:
    return "\u00a0" * len(found[0])


#: A mistake that somebody has made in every entry, or on every line.
EVERYWHERE = {
    "stars for dashes": Whole(everywhere("^  - ", "  * "), 4, "here and on 51 lines below", mends=SHIPPED),
    "bullets for dashes": Whole(everywhere("^  - ", "  • "), 4, "an entry begins with •", mends=SHIPPED),
    "numbers for dashes": Whole(everywhere("^  - ", "  1. "), 4, "an entry begins with a number", mends=SHIPPED),
    "no blank behind dashes": Whole(
        everywhere("^  - ", "  -"), 4, "no space after the dash, here and on", mends=SHIPPED
    ),
    "no blank behind colons": Whole(
        everywhere(r"^(\s*(?:- )?\w+): ", r"\1:"), 4, "no space after the colon of slug, here and on", mends=SHIPPED
    ),
    "= for colons": Whole(
        everywhere(r"^(\s*(?:- )?\w+): ", r"\1 = "), 4, "followed by =, not by a colon, here", mends=SHIPPED
    ),
    "tabs for four blanks": Whole(
        UNCOMMENTED.replace("    ", "\t"), 5, "below it are indented with a tab", mends=SHIPPED
    ),
    "twice the indentation": Whole(everywhere("^( +)", r"\1\1"), 5, "here and on 51 lines below", mends=SHIPPED),
    "no-break spaces": Whole(
        re.sub("^ +", no_break, UNCOMMENTED, flags=re.MULTILINE), 4, "627 lines are indented with", mends=SHIPPED
    ),
    "commits and authors": Whole(
        numbered(lambda n: f"1a2b3c4d (Marie 2026-03-01 {n:3}) "), 1, "as `git blame` shows it", mends=SHIPPED
    ),
    "statements of a template": Whole(
        at(CRM, f"{{% for one in modules %}}\n{NEW}{{% endfor %}}\n\n"), 458, "lines 458 and 464 are of a template"
    ),
    "conditions of a template": Whole(
        at(CRM, f"  {{{{- if .Values.podcasts }}}}\n{NEW}  {{{{- end }}}}\n\n"),
        458,
        "a template that was not filled in",
    ),
    "a conflict without its end": Whole(
        at(CRM, f"<<<<<<< HEAD\n{NEW}=======\n{NEW.replace('Podcasts', 'Radio')}\n"),
        *(
            458,
            "a part of a merge conflict was left here, <<<<<<< and =======; delete these lines, once",
            "merge-conflict",
        ),
    ),
    "a conflict of fields without its end": Whole(
        replaced("    stage: planned\n", "<<<<<<< a\n    stage: planned\n=======\n    stage: building\n"),
        *(408, "a part of a merge conflict was left here, <<<<<<< and =======", "merge-conflict"),
    ),
    "a conflict in three parts without its end": Whole(
        at(CRM, f"<<<<<<< HEAD\n{NEW}||||||| base\n{NEW}=======\n{NEW}\n"),
        *(458, "a part of a merge conflict was left here, <<<<<<<, ||||||| and =======", "merge-conflict"),
    ),
    "no dash at all": Whole(
        SHIPPED.replace("  - slug:", "    slug:"),
        8,
        "the 52 entries stand below modules without their dashes; begin each with one, such as - slug: scrap",
        "type",
        SHIPPED,
    ),
    "no dash, of two entries": Whole(
        ("modules:\n" + FIRST_TWO).replace("  - slug:", "    slug:"),
        *(2, "the 2 entries stand below modules without their dashes", "type", "modules:\n" + FIRST_TWO),
    ),
    "no dash, of one entry": Whole(
        ONE.replace("  - slug:", "    slug:"),
        *(2, "the entry stands below modules without its dash; begin it with - slug: scrap", "type", ONE),
    ),
    "no dash, and another field first": Whole(
        "modules:\n  category: tools\n  slug: a\n  label: { fr: A, en: B }\n  is_meta: true\n",
        *(2, "the entry stands below modules without its dash", "type"),
    ),
    "a conflict whose markers were indented": Whole(
        at(CRM, f"  <<<<<<< HEAD\n{NEW}  =======\n  >>>>>>> topic\n\n"), 458, "lines 458 to 465", "merge-conflict"
    ),
    "an entry at the end of the file": Whole(
        SHIPPED + NEW,
        705,
        "podcasts stands below legacy_features",
        mends=replaced("legacy_features:", f"{NEW}legacy_features:"),
    ),
    "an entry on the last line of another": Whole(
        replaced("team-sources\n\n  - slug: import", "team-sources - slug: import"),
        21,
        "an entry begins on the line of owner",
        mends=SHIPPED,
    ),
    "an entry above all": Whole(NEW + SHIPPED, 1, "an entry begins here, above modules"),
    "a mail's text": Whole(
        at(CRM, "Hello,\nplease add this\nthanks\n"), 458, 'line "Hello," and the 2 below it are neither'
    ),
    "another file by a tag": Whole(
        at(CRM, "  - !include podcasts.yaml\n"), 458, "a registry is one file", "unknown-tag"
    ),
    "another file by $ref": Whole(
        at(CRM, "  - $ref: podcasts.yaml\n"), 458, 'module 33 refers to "podcasts.yaml"', "missing-field"
    ),
    "a colon and =": Whole(
        replaced("category: ", "category:= "), 9, "is followed by :=, not by a colon", mends=SHIPPED
    ),
    "a directive": Whole("%YAML 1.2\n" + SHIPPED, 1, "remove it: a registry needs none", mends=SHIPPED),
    "a commit": Whole(
        f"commit 1a2b3c4\nAuthor: M <m@example.org>\nDate:   Mon\n\n    Add\n\n{GIT}{NAMES}{HUNK}{WITH_BLANKS}",
        *(1, "this is a commit with its diff"),
    ),
}

LOST = "was the rest of the file lost? Bring it back"


def cut(until: str, behind: int = 0, more: str = "") -> str:
    """The file up to some text, and so many characters of that."""
    return SHIPPED[: SHIPPED.index(until) + behind] + more


CUT = {
    "in a text": Whole(
        cut("Signale les entreprises qui embauchent", 12), 510, f"inside the text in quotes that opens here; {LOST}"
    ),
    "in a text, with an end of its line": Whole(
        cut("Signale les entreprises qui embauchent", 12, "\n"), 510, "the rest of this entry, lines 506 to 510"
    ),
    "in an English text, with an end of its line": Whole(
        cut("Flags companies that are taking", 12, "\n"), 511, f"inside the text in quotes that opens here; {LOST}"
    ),
    "in an English text of a mapping, with an end of its line": Whole(
        cut('en: "Page speed', 8, "\n"), 175, f"inside the text in quotes that opens here; {LOST}"
    ),
    "behind a text of a mapping": Whole(
        replaced('scraper" }', "scraper }", ONE), 4, "a quote is opened here and never closed; close it", mends=ONE
    ),
    "in a text in single quotes": Whole(cut('fr: "Vitesse', 0, "fr: 'Vite"), 175, "inside the text in quotes"),
    "in the text of a mapping": Whole(cut('fr: "Vitesse', 8), 175, "inside the text in quotes that opens here"),
    "in a mapping": Whole(cut('fr: "Vitesse du site",', 22), 175, "inside the mapping in braces that opens here"),
    "in a list": Whole(cut("embauche, careers", 10), 512, "inside the list in brackets that opens here"),
    "in the last list": Whole(
        cut("legacy_features: [", 25), 704, f"inside the list in brackets that opens here; {LOST}"
    ),
    "in a name": Whole(cut("is_on_demand", 5), 333, f'in the middle of a line, "is_on"; {LOST}'),
    "in a value": Whole(
        cut("category: outreach", 13), 248, "in the middle of verify_emails, which has no label", "missing-field"
    ),
    "behind a slug": Whole(cut("    category: outreach"), 248, "has nothing but a slug", "missing-field"),
    "behind a field": Whole(cut('    label: { fr: "Vitesse', -1), 173, "in the middle of pagespeed", "missing-field"),
    "behind a colon": Whole(cut("is_on_demand:", 13), 333, "is_on_demand has no value", "type"),
    "behind a dash": Whole(cut("  - slug: crm", 3), 458, "begin it with - slug", "type"),
}

#: Files of another encoding, with what is said of it.
ENCODED: dict[str, tuple[str, int, str]] = {
    "utf-16": ("utf-16", 1, "the file is UTF-16 text, as PowerShell and some editors save it; save the file as UTF-8"),
    "utf-16 of no mark": ("utf-16-le", 1, "the file is UTF-16 text"),
    "utf-16, big end first, of no mark": ("utf-16-be", 1, "the file is UTF-16 text"),
    "utf-32": ("utf-32", 1, "the file is UTF-32 text"),
    "Windows": ("cp1252", 12, "and at 224 other places; save the file as UTF-8; in Windows-1252 this byte is é"),
    "a Mac of old": ("mac_roman", 12, "in Mac OS Roman this byte is é"),
    "a console of Windows": ("cp850", 12, "in code page 850 of a Windows console this byte is é"),
}

BINARY = {
    "gzip": b"\x1f\x8b\x08\x00modules:",
    "Zstandard": b"(\xb5/\xfd\x04modules:",
    "ZIP": b"PK\x03\x04\x14\x00\xff",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\n",
    "image": b"\x89PNG\r\n\x1a\n",
}
