"""Files that cost as much as a file can: long lists, deep keys, merges, names that are alike.

Light to import: what measures their memory counts what it has imported.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from random import Random

from service.registry.text.nodes import MAX_MISTAKES
from service.registry.text.reading import MAX_ITEMS
from service.registry.text.source import MAX_BYTES

A = "a"

#: Two lines with a syntax error; an unresolved merge, and lines of a diff.
WRONG = '    keywords: "a" b\n    k: x\n'
CONFLICT = "<<<<<<< a\n  - slug: a\n=======\n>>>>>>> b\n  - slug: b\n"
ADDED = "+   - slug: a\n    category: b\n"
#: Text in two languages with what is left of letters of another encoding.
MOJIBAKE = f"&d {{fr: {'¬x' * 150}, en: {'¬x' * 150}}}"
PASTED = CONFLICT * 50 + "```\n#\n" * 100 + ADDED * 50


def module(number: int, more: str = "") -> str:
    """A good entry, with more fields."""
    return f"  - {{slug: m{number}, category: tools, label: {{fr: A, en: B}}, api_endpoint: /api/m{number}{more}}}\n"


def modules(entry: Callable[[int], str], most: int = MAX_ITEMS, head: str = "modules:\n") -> str:
    """A file of so many entries, or as many as fit into one."""
    room = MAX_BYTES - len(head)

    def fits(text: str) -> bool:
        nonlocal room
        room -= len(text.encode())
        return room >= 0

    return head + "".join(takewhile(fits, map(entry, range(most))))


def names(number: int, prefix: str = "n") -> str:
    return ", ".join(f"{prefix}{one}" for one in range(number))


def legacy(number: int) -> str:
    return f"modules: []\nlegacy_features: [{names(number, '')}]\n"


def unknown_needs(number: int) -> str:
    return "modules:\n" + module(0, f", needs: [{names(number)}]")


END = "since: 2026-03-01, removed_after: 2026-03-01, because: {fr: A, en: B}"


def removed(number: int) -> str:
    """Modules that are gone, in favour of what is not there."""
    entry = "  - {{slug: r{0}, date: 2026-03-01, use: r{0}x, because: {{fr: A, en: B}}}}\n"
    return "removed:\n" + "".join(map(entry.format, range(number)))


def deep_keys() -> str:
    """Many mistakes below long names, none of which is longer than a pointer may be."""
    levels = "".join(f"{' ' * depth}{'- ' * (depth == 1)}{'😀' * 190}{depth}:\n" for depth in range(3, 28))
    return f"modules:\n  -\n{levels}" + f"{' ' * 30}? []\n{' ' * 30}: 1\n" * 10_000


def alike(need: int) -> str:
    """Names of two letters each, that many needed, which are as hard to compare as any."""
    letters = Random(1)
    made, needed = (["".join(letters.choices("ab", k=64)) for _ in range(number)] for number in (2_000, need))
    return "modules:\n" + module(0, f", produces: [{', '.join(made)}]") + module(1, f", needs: [{', '.join(needed)}]")


def repeated(number: int) -> str:
    once = ", ".join(f"k{one:x}: 0" for one in range(number))
    return f"{once}, {once}"


def merged(levels: int, keys: int) -> str:
    """Mappings that are merged into each other, each with an anchor, though nothing refers to it."""
    inner = "&a0 {" + ",".join(f"k{one:x}: 0" for one in range(keys)) + "}"
    for level in range(levels):
        inner = f"&a{level + 1} {{<<: {inner}}}"
    return f"modules: []\nx: {inner}\n"


def waiting(number: int, fr: str, en: str, slug: str = "") -> str:
    """A good entry, but for its texts, which are as they are written."""
    return f"  - {{slug: {slug or f'm{number}'}, category: tools, coming_soon: true, label: {{fr: {fr}, en: {en}}}}}\n"


def letters(number: int) -> str:
    """A number as four letters."""
    return "".join(chr(ord("a") + number // 16**place % 16) for place in range(4))


def anagram(seed: int) -> str:
    """A name of fifty letters that are those of all others, so that to compare two takes long."""
    return "".join(Random(seed).sample("abcdefghijklmnopqrstuvwxy" * 2, 50))


def edits_in_vain(artifacts: int) -> str:
    """A file with 30 edits that each bring another problem to light, so that they are tried one by one, and not made.

    To put one more problem into words takes long: there are names of so many artifacts to compare.
    """
    made, needed = (", ".join(map(anagram, range(start, start + artifacts))) for start in (0, 1_000))
    head = "modules:\n" + module(0, f", produces: [{made}]") + module(1, f", needs: [{needed}]")
    return modules(lambda number: module(number + 2).replace("category: tools", f"category=Bad{number}"), 30, head)


#: Files, each with the number of its problems.
SHAPES: dict[str, tuple[Callable[[], str], int]] = {
    "integers among names": (lambda: legacy(8_000), 8_000),
    "integers among names, and edits in vain": (
        lambda: edits_in_vain(20) + legacy(8_000).partition("\n")[2],
        8_050,
    ),
    "a list without end": (lambda: legacy(500_000), 1),
    "needs without end": (lambda: unknown_needs(25_000), 1),
    "needs that nobody produces": (lambda: unknown_needs(19_000), 19_000),
    "needs of many entries": (
        lambda: modules(lambda n: module(n, f", needs: [{names(19_000, f'n{n}x')}]"), 15),
        MAX_MISTAKES + 1,
    ),
    "successors that are nowhere": (
        lambda: modules(lambda n: module(n, f", deprecated: {{{END}, use: m{n}x}}"), 9_000) + removed(3_000),
        12_000,
    ),
    "entries without end": (lambda: "modules:\n" + "  -\n" * 838_000, 1),
    "wrong values everywhere": (
        lambda: modules(lambda number: f"  - slug: 1\n    needs: [{'1,' * 14}]\n", 15_500),
        MAX_MISTAKES + 1,
    ),
    "keys without end": (lambda: modules(lambda n: f"    k{n}: x\n", 260_000, "modules:\n  - slug: a\n"), 1),
    "unknown fields": (
        lambda: "modules:\n  - slug: a\n" + "".join(f"    {n:x}q: x\n" for n in range(148_000)),
        MAX_MISTAKES + 1,
    ),
    "unknown fields of many entries": (
        lambda: modules(lambda n: " - {" + ",".join(f"{k:x}: 0" for k in range(n * 500, n * 500 + 500)) + "}\n", 380),
        MAX_MISTAKES + 1,
    ),
    "merge keys of what is repeated": (
        lambda: f"b: &b {{x: 0, x: 0}}\nm: {{<<: [{{{repeated(45_000)}}}{', *b' * 19_900}]}}\n",
        3,
    ),
    "merge keys in merge keys": (lambda: merged(28, 149_000), 1),
    "a slug of blanks that all wait for": (
        lambda: (
            "modules:\n"
            + f"  - {{slug: '{' ' * 3_500_000}x', category: tools, coming_soon: true, produces: [{names(19_000)}]}}\n"
            + module(1, f", needs: [{names(19_000)}]")
        ),
        3,
    ),
    "keys that are no text": (lambda: "legacy_features:\n  - {" + "? [] ," * 150_000 + "}\n", MAX_MISTAKES + 1),
    "names that come again": (
        lambda: modules(lambda n: module(n, f", needs: [{'a,' * 18_000}]"), 16),
        MAX_MISTAKES + 1,
    ),
    "long names around mistakes": (deep_keys, 10_001),
    "a long key that is repeated": (
        lambda: f"modules:\n  - &a\n    ? {'x' * 3_000_000}\n    : 1\n" + "  - *a\n" * 19_990,
        1,
    ),
    "a long slug": (
        lambda: (
            "modules:\n"
            + module(0, f", needs: [{names(15_000, '')}]").replace("slug: m0", f"slug: '{' ' * 3_000_000}x'")
        ),
        15_001,
    ),
    "names that are alike": (lambda: alike(20), 20),
    "directives": (lambda: "".join(f"%TAG !{n}! x\r" for n in range(60_000)) + "---\nmodules: []\n", 1),
    "tags that say more than is written": (
        lambda: f"%TAG !e! {'x' * 2_000_000}\n---\nmodules: [{'!e!y a, ' * 19_900}]\n",
        1,
    ),
    "documents": (lambda: "modules: []\n" + "---\n" * 1_040_000, 1),
    "a deep second document": (
        lambda: modules(module, 15_000) + "---\n" + "[" * 990 + "! &a x," * 380_000,
        1,
    ),
    "text to be warned of": (lambda: modules(lambda n: waiting(n, "'Ã©<b>TODO the'", "'Ã©<b>TODO la'")), 0),
    "slugs that are alike": (lambda: modules(lambda n: waiting(n, f"f{n}", f"e{n}", "a" * 56 + letters(n))), 0),
    "comments that take back": (lambda: "modules: []\n" + f"#registry:ignore[{'b,' * 240}]\n" * 8_000, 0),
    "comments without end": (lambda: "modules: []\n" + "# registry: ignore[" * 220_000, 0),
    "letters of another encoding": (lambda: "modules:\n" + waiting(0, "Ã©" * 1_040_000, "B"), 0),
    "mistakes at the end of a long line": (
        lambda: f"modules: []\nlegacy_features: ['{'😀' * 900_000}', {names(12_000, '')}]\n",
        12_001,
    ),
    "a direction on every line": (lambda: "modules: []\n" + "# \u202e\n" * 690_000, 0),
    "text where lists belong": (
        lambda: modules(lambda n: module(n, f", needs: 'a{n}, b{n}, {'c ' * 80}'")),
        15_526,
    ),
    "entries under their slugs": (
        lambda: modules(
            lambda n: (
                f"  - m{n}:\n      category: tools\n      label: {{fr: A, en: B}}\n      api_endpoint: /api/m{n}\n"
            )
        ),
        MAX_ITEMS,
    ),
    "modules where artifacts belong": (
        lambda: modules(lambda n: module(n, f", needs: [m{n + 1}], produces: [a{n}]"), 15_000),
        15_000,
    ),
    "an artifact that all pass on": (lambda: modules(lambda n: module(n, ", needs: [a], produces: [a]"), 15_500), 1),
    "fields without colons": (
        lambda: "modules:\n" + "".join(f"  - slug: m{n}\n    category tools\n" for n in range(100_000)),
        2,
    ),
    "conflicts without end": (lambda: "modules:\n" + "<<<<<<< a\n=======\n>>>>>>> b\n" * 130_000, 51),
    "lists torn by dashes": (lambda: "modules:\n" + "  - slug: a\n---\n" * 250_000, 4),
    "a diff without end": (lambda: "modules:\n" + "+\n" * 1_000_000, 1),
    "tabs without end": (lambda: "modules:\n" + "\tslug: a\n" * 400_000, 2),
    "blank lines before an error": (lambda: "modules:\n" + "\n" * 4_000_000 + "  - [", 1),
    "an error behind many entries": (lambda: modules(module, 19_000) + "  - slug: [\n", 1),
    "typographic quotes": (
        lambda: modules(lambda n: f"  - {{slug: “a{n}”, label: {{fr: “x”, en: “y”}}}}\n", 19_000),
        MAX_MISTAKES + 1,
    ),
    "quotes that a comment cuts": (lambda: "modules:\n  - slug: a\n" + "    en: “a #b”\n" * 148_000, MAX_MISTAKES + 1),
    "aliases that are close to anchors": (
        lambda: (
            f"legacy_features: [{', '.join(f'&{A * 50}{n} b{n}' for n in range(99))}]\n"
            f"modules:\n  - slug: a\n    needs: [{', '.join(f'*{A * 49}x{n}' for n in range(15_000))}]\n"
        ),
        15_003,
    ),
    "blank lines that are none": (lambda: "modules:\n  - slug: a\n" + "\u00a0\n" * 1_300_000, 2),
    "a quoted mail without end": (lambda: "> modules:\n" + ">\n" * 2_000_000, 1),
    "comments without content": (lambda: "# modules:\n#   - slug: a\n" + "#\n" * 2_000_000, 1),
    "numbers before every line": (lambda: "1:modules:\n" + "".join(f"{n}:\n" for n in range(2, 520_000)), 1),
    "a quoted mail that is read": (
        lambda: "".join(f"> {line}\n" for line in modules(module, 9_000).splitlines()),
        1,
    ),
    "a registry below a key": (
        lambda: "registry:\n" + "".join(f"  {line}\n" for line in modules(module, 19_000).splitlines()),
        1,
    ),
    "modules under their slugs": (
        lambda: (
            "modules:\n"
            + "".join(
                f"  m{n}: {{category: tools, label: {{fr: A, en: B}}, api_endpoint: /api/m{n}}}\n"
                for n in range(19_000)
            )
        ),
        1,
    ),
    "a file twice": (lambda: modules(module, 9_999) * 2, 1),
    "every entry twice": (lambda: modules(module, 9_999) + modules(module, 9_999, head=""), 1),
    "one entry without end": (lambda: "modules:\n" + module(0) * 19_000, 18_999),
    "comments of JSON without end": (lambda: '{ "modules": [ ' + "/* " * 1_300_000, 1),
    "headers of a diff without end": (lambda: "modules: [}\n" + "@@ -1,7 +1,7 @@\n" * 250_000, 1),
    "aliases of nothing": (lambda: modules(lambda n: module(n, f", needs: *a{n}"), 19_000), 19_000),
    "aliases of an artifact": (
        lambda: modules(lambda n: module(n, ", needs: *a" if n else ", produces: [a]"), 19_000),
        18_999,
    ),
    "braces without end before aliases": (
        lambda: modules(
            lambda n: (
                module(n, ", needs: *a" if n != 60 else ", produces: [a]")
                if n >= 56
                else f"  - slug: z{n}\n    category: tools\n    label: {{fr: A, en: B\n    is_meta: true\n"
            ),
            10_500,
        ),
        5,
    ),
    "zeros without end": (lambda: "modules: []\n" + "\0" * 4_100_000, 1),
    "characters that are not allowed, apart": (lambda: "modules: []\n" + "#\x7f\n" * 1_300_000, 1),
    "text of commas": (
        lambda: (
            "modules:\n  - {slug: a, category: tools, is_meta: true, label: "
            + f"{{fr: a, {names(148_000)}, en: b}}}}\n"
        ),
        1,
    ),
    "removed modules that are whole": (
        lambda: "modules: []\nremoved:\n" + "".join(module(n, ", date: 1, because: 1") for n in range(17_500)),
        MAX_MISTAKES + 1,
    ),
    "fields below slug": (
        lambda: modules(
            lambda n: f"  - slug: {{m{n}: {{category: tools, label: {{fr: a, en: b}}, is_meta: true}}}}\n", 19_000
        ),
        19_000,
    ),
    "values without end before errors": (
        lambda: modules(lambda n: f"  - keywords: [{'a,' * 18_000}]\n", 16) + "  - slug: [\n" * 9,
        2,
    ),
    "keys without end before errors": (
        lambda: "modules:\n  - {" + "".join(f"{n:x}q: x, " for n in range(148_000)) + "}\n" + "  - slug: [\n" * 9,
        2,
    ),
    "text behind a tag": (
        lambda: (
            "modules:\n"
            + "  -       slug: z\n" * 3
            + "  - slug: b\n    k: !!str |\n"
            + "     a:\n" * 5_500
            + WRONG * 60
        ),
        50,
    ),
    "text without keys": (lambda: "modules:\n  - slug: a\n    k: x\n" + "     y\n" * 6_000 + WRONG * 60, 50),
    "a quote behind a long line": (
        lambda: "modules:\n  - slug: a\n    x: [" + "a, " * 700 + '"b\n' + "a:\n" * 20_000,
        1,
    ),
    "bold names": (lambda: "modules:\n  - slug: a\n    *fr*: a\n" + "    **fr**: a\n" * 3_000, 1),
    "conflicts behind blank lines": (lambda: "modules:\n" + "\n" * 4_000_000 + CONFLICT * 50 + "[", 51),
    "all that is pasted behind comments": (
        lambda: "modules:\n" + "#\n" * 1_980_000 + PASTED + "[",
        150,
    ),
    "all that is pasted before comments": (
        lambda: "modules:\n" + PASTED + "#\n" * 1_980_000 + "[",
        150,
    ),
    "artifacts that two pass on": (
        lambda: modules(lambda n: module(n, f", needs: [a{n // 2}], produces: [a{n // 2}]"), 15_500),
        7_750,
    ),
    "legacy ids that are coming soon": (
        lambda: modules(
            lambda n: waiting(n, f"f{n}", f"e{n}"), 18_000, f"legacy_features: [{names(18_000, 'm')}]\nmodules:\n"
        ),
        18_000,
    ),
    "accents without end": (
        lambda: 'modules:\n  - slug: a\n    ? "x' + "\u0301\u0327" * 1_000_000 + '"\n    : 1\n',
        4,
    ),
    "blank lines of a text": (
        lambda: "modules:\n  - slug: a\n    label: |\n" + "\n" * 4_000_000 + "      x\n",
        3,
    ),
    "copies of a long list": (
        lambda: modules(module, 9_000, "legacy_features: []\nmodules:\n") + modules(module, 1) * 9_000,
        1,
    ),
    "former slugs and parts of a path": (
        lambda: "modules:\n" + module(0, f", formerly: [{names(20_000)}]").replace("/api", "/api" + "/x" * 1_000_000),
        0,
    ),
    "comments that ignore": (lambda: "modules: []\n" + f"#registry:ignore[{names(100)}]\n" * 8_000, 0),
    "letters of another encoding, with aliases": (
        lambda: modules(lambda n: module(n, f", description: {'*d' if n else MOJIBAKE}"), 11_000),
        0,
    ),
    "an artifact that many misspell": (
        lambda: modules(
            lambda n: module(n, f", needs: [leads_artifact_{n}]" if n < 999 else ", produces: [leads_artifact]"), 15_500
        ),
        999,
    ),
    "artifacts that are passed on, and many that nobody needs": (
        lambda: modules(
            lambda n: module(n, f", needs: [passed_on_{n // 2}], produces: [passed_on_{n // 2}]"),
            10_000,
            "modules:\n" + module(99_999, f", produces: [{names(1_000, 'on_passed_')}]"),
        ),
        5_000,
    ),
    "a module of many artifacts": (
        lambda: modules(
            lambda n: module(n + 1, ", needs: [M0]"),
            10_000,
            "modules:\n" + module(0, f", produces: [{names(19_000)}]"),
        ),
        10_000,
    ),
    "brackets that are opened in comments": (
        lambda: "modules:\n" + module(0, ", keywords: [" + "[ # [ [ [ [ [ [ [ [ [ [\n], " * 10_000 + "]"),
        10_001,
    ),
    "knots": (lambda: modules(lambda n: module(n, f", needs: [a{n}], produces: [a{n ^ 1}]"), 15_500), 7_750),
}
