"""Files that cost as much as a file can: long lists, deep keys, merges, names that are alike. They are in costly.yaml.

Light to import: what measures their memory counts what it has imported.
"""

import re
from collections.abc import Callable
from functools import partial
from itertools import takewhile
from pathlib import Path
from random import Random

import yaml

from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import MAX_MISTAKES
from service.registry.lint.reading import MAX_ITEMS

#: An unresolved merge, and what else is pasted.
CONFLICT = "<<<<<<< a\n  - slug: a\n=======\n>>>>>>> b\n  - slug: b\n"
PASTED = CONFLICT * 50 + "```\n#\n" * 100 + "+   - slug: a\n    category: b\n" * 50


def module(number: int | str, more: str = "") -> str:
    """A good entry, with more fields."""
    return f"  - {{slug: m{number}, category: tools, label: {{fr: A, en: B}}, api_endpoint: /api/m{number}{more}}}\n"


def modules(entry: Callable[[int], str], most: int = MAX_ITEMS, head: str = "modules:\n", first: int = 0) -> str:
    """A file of so many entries, or as many as fit into one."""
    room = MAX_BYTES - len(head.encode())

    def fits(text: str) -> bool:
        nonlocal room
        room -= len(text.encode())
        return room >= 0

    return head + "".join(takewhile(fits, map(entry, range(first, first + most))))


def names(number: int, prefix: str = "n") -> str:
    """So many names."""
    return ", ".join(f"{prefix}{number_of}" for number_of in range(number))


def deep_keys(mistakes: int) -> str:
    """Many mistakes below long names, none of which is longer than a pointer may be."""
    levels = "".join(f"{' ' * depth}{'- ' * (depth == 1)}{'😀' * 190}{depth}:\n" for depth in range(3, 28))
    return f"modules:\n  -\n{levels}" + f"{' ' * 30}? []\n{' ' * 30}: 1\n" * mistakes


def alike(need: int) -> str:
    """Names of two letters each, that many needed, which are as hard to compare as any."""
    letters = Random(1)
    made, needed = (["".join(letters.choices("ab", k=64)) for _ in range(number)] for number in (2_000, need))
    return "modules:\n" + module(0, f", produces: [{', '.join(made)}]") + module(1, f", needs: [{', '.join(needed)}]")


def merged(levels: int) -> str:
    """Mappings that are merged into each other, each with an anchor, though nothing refers to it."""
    inner = f"&a0 {{{keys(149_000)}}}"
    for level in range(levels):
        inner = f"&a{level + 1} {{<<: {inner}}}"
    return f"modules: []\nx: {inner}\n"


def keys(number: int) -> str:
    """So many fields."""
    return ", ".join(f"k{key:x}: 0" for key in range(number))


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


#: What stands between « and » in costly.yaml: a number of the piece that comes again, or what makes some text.
NUMBERS: dict[str, Callable[[int], str]] = {
    "n": str,
    "next": lambda n: str(n + 1),
    "half": lambda n: str(n // 2),
    "pair": lambda n: str(n ^ 1),
    "hex": lambda n: f"{n:x}",
    "letters": lambda n: "".join(chr(ord("a") + n // 16**place % 16) for place in range(4)),
}
TEXTS: dict[str, Callable[[int, str], str]] = {
    "names": names,
    "times": lambda number, text: text * number,
    "keys": lambda number, _: keys(number),
    "vain": lambda number, _: edits_in_vain(number),
    "deep": lambda number, _: deep_keys(number),
    "alike": lambda number, _: alike(number),
    "merged": lambda number, _: merged(number),
}


def _text(match: re.Match[str]) -> str:
    if match[1] in NUMBERS:
        return f"⟨{match[1]}⟩"
    if entry := re.fullmatch(r"module(\d*)(.*)", match[1], re.DOTALL):
        return module(entry[1] or "⟨n⟩", entry[2])
    if call := re.fullmatch(r"(\w+) (\d+)(?: (.*))?", match[1], re.DOTALL):
        return TEXTS[call[1]](int(call[2]), call[3] or "")
    return {"conflict": CONFLICT, "pasted": PASTED}[match[1]]


def _file(parts: list[str | list[str | int]]) -> str:
    """What the parts of a row of costly.yaml make."""
    text = ""
    for part in parts:
        piece, times, first = [*part, 0][:3] if isinstance(part, list) else (part, 1, 0)
        while (filled := re.sub("«([^«»]*)»", _text, str(piece))) != piece:
            piece = filled
        used = [name for name in NUMBERS if f"⟨{name}⟩" in filled]

        def each(number: int, filled: str = filled, used: list[str] = used) -> str:
            for name in used:
                filled = filled.replace(f"⟨{name}⟩", NUMBERS[name](number))
            return filled

        text = modules(each, int(times), text, int(first)) if used else text + filled * int(times)
    return text


#: Files, each with the number of its problems.
SHAPES: dict[str, tuple[Callable[[], str], int]] = {
    name: (partial(_file, row["parts"]), MAX_MISTAKES + 1 if row["problems"] == "most" else row["problems"])
    for name, row in yaml.load(Path(__file__).with_name("costly.yaml").read_text("utf-8"), yaml.CSafeLoader).items()
}
