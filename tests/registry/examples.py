"""The examples of broken.yaml: how a file is made of a row, and what is to be said of it.

A row takes these steps, in the order in which it has them. It begins with `of`, a file that is there or one of `files`,
or with a `text`. `old` is replaced by `new`, from the entry `in` on (or all of that entry); `edits` are pairs of such
pieces, `sub` pairs of a pattern and what stands for it; `before` is a sign before each line, or one and what stands for
an empty line; `number` is how a line begins with its number; then there are `indent`, `times`, `head`, `tail`, `behind`
another file, `cut` behind some text, and `quoted` as one text of JSON. In the end it has its `encoding`.

¦ marks where the one problem is, else `at` is its line and column. It has a `rule`, and `words` are all that is said of
it. What it `mends` are its edits, each a piece of the file and what stands for it, or true for long ones; they make a
sound file, which says the same as the one that was `meant`, if there is one. A row that is not one problem on that line
has instead what is `told`: the line and the rule of each. A group's keys are those of each row in it. A row that is
`nightly` reaches nothing in the code that no other reaches, and says what another does.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from checking import HERE, VALID, replaced, unmarked
from support import table

#: What registry.yaml was once: the shipped one is for ops to edit.
SHIPPED = Path(__file__).with_name("platform.yaml").read_text("utf-8")
TABLE = table(__file__, "broken.yaml")

#: The files that others are made of, by name.
FILES = {"shipped": SHIPPED, "valid": VALID}


def entry(text: str, slug: str) -> str:
    """An entry of a file, with all of its lines."""
    match = re.search(rf"^  - slug: {slug}\n(?:    .*\n)*", text, re.MULTILINE)
    assert match, slug
    return match[0]


def _edited(text: str, row: dict[str, Any]) -> str:
    start = text.index(entry(text, row["in"])) if row.get("in") else 0
    old = row["old"] if "old" in row else entry(text, row["in"])
    at = text.index(old, start)
    return text[:at] + str(row["new"]) + text[at + len(old) :]


def replaced_all(text: str, pairs: list[tuple[str, str]]) -> str:
    """The text with the first of each pair replaced by the second."""
    return reduce(lambda made, pair: replaced(made, *pair), pairs, text)


def _substituted(text: str, pairs: list[tuple[str, str]]) -> str:
    return reduce(lambda made, pair: re.sub(*pair, made, flags=re.MULTILINE), pairs, text)


def before(text: str, sign: str | list[str]) -> str:
    """Every line behind a sign; an empty one becomes that sign without blanks, or what is said."""
    sign, blank = sign if isinstance(sign, list) else (sign, sign.rstrip())
    return "".join(sign + line if line.strip() else f"{blank}\n" for line in text.splitlines(True))


_STEPS: dict[str, Callable[[str, Any], str]] = {
    "text": lambda _, value: str(value),
    "edits": replaced_all,
    "sub": _substituted,
    "before": before,
    "number": lambda text, form: "".join(form.format(n) + line for n, line in enumerate(text.splitlines(True), 1)),
    "indent": lambda text, blanks: indent(text, " " * blanks),
    "times": lambda text, number: text * int(number),
    "head": lambda text, value: value + text,
    "tail": lambda text, value: text + value,
    "behind": lambda text, name: FILES[name] + text,
    "cut": lambda text, value: text[: text.index(value) + len(value)],
    "quoted": lambda text, _: json.dumps(text),
}


def made(row: dict[str, Any], of: str | None = None) -> str:
    """The text that a row makes, with its mark: of another file than its own, if one is given."""
    text = FILES[row["of"]] if of is None and row.get("of") else of or ""
    for name, value in row.items():
        text = _edited(text, row) if name == "new" else _STEPS[name](text, value) if name in _STEPS else text
    return text


for _name, _row in TABLE["files"].items():
    FILES[_name] = made(_row)


@dataclass(frozen=True)
class Example:
    """A row, and the file that it makes."""

    name: str
    row: dict[str, Any]

    @cached_property
    def _unmarked(self) -> tuple[str, list[tuple[int, int]]]:
        return unmarked(made(self.row))

    @property
    def text(self) -> str:
        """The file, without its mark."""
        return self._unmarked[0]

    @property
    def data(self) -> bytes:
        """Its bytes: of another encoding, where the row says so."""
        return self.text.encode(self.row.get("encoding", "utf-8"), "replace")

    @property
    def place(self) -> tuple[int, int]:
        """The line and the column of the problem."""
        line, column = self.row["at"].split(":") if "at" in self.row else self._unmarked[1][0]
        return int(line), int(column)

    @property
    def rules(self) -> list[str]:
        """The rules of all that is told of it."""
        return [line.split()[-1] for line in self.row.get("told", [f"1 {self.row['rule']}"])]

    @property
    def meant(self) -> object:
        """What the file says that was meant; nothing if any sound one will do."""
        meant = self.row.get("meant")
        return says(FILES[meant] if isinstance(meant, str) else made(meant)) if meant else None


@cache
def says(text: str) -> object:
    """The values of a file."""
    return yaml.load(text, yaml.CSafeLoader)


def _examples() -> list[Example]:
    examples: list[Example] = []
    for group in TABLE["examples"]:
        common = {name: group[name] for name in ("of", "in", "rule") if name in group}
        for row in group["rows"]:
            row = common | row
            what = row.get("name") or row.get("new") or str(row)
            examples.append(Example(f"{len(examples)} {what.strip().replace(HERE, '')[:40]}", row))
    return examples


EXAMPLES = _examples()


def params(examples: Iterable[Example] = EXAMPLES, one_in: int = 1) -> list[Any]:
    """Examples as parameters of a test. Those that only vary another, or all but one in so many, are nightly."""
    return [
        pytest.param(each, id=each.name, marks=[pytest.mark.nightly] * bool(each.row.get("nightly") or number % one_in))
        for number, each in enumerate(examples)
    ]
