"""The examples of broken.yaml: how a row makes a file, and which diagnostics the file must give.

A group has `rows`, and the keys that its rows have in `common`. A row is a mapping, or a list
of the group's `columns`, and further keys at its end:

    - ["[leads]", "[leads¦}", "the [ is closed by }; write ]", ["}", "]"], in: emails]

A row below `nightly` reaches no code that other rows do not reach. In the texts of a row, `$name`
inserts one of `texts` or `messages`, `$old` inserts its `old`, `$$` is a dollar, and a list of
texts is that many lines.

The keys of a row are the steps that make its file, in their order:

- `of`: begin with this file, one of `files`. `text`: begin with this text. `entry`: keep this entry.
- `new`: replace `old` by it. `old` must be exactly once in the entry `in`, or in the file if there is
  no `in`. Without `old`, replace the entry. A mapping is a row, which makes the new text.
- `edits`: replace texts, by pairs of old and new. `sub`: replace patterns, by pairs of pattern and new.
- `before`: put a sign before each line. A second sign is for empty lines.
- `number`: put a number before each line, in this form, from 1 or from the number after the form.
- `indent`, `times`, `head`, `tail`: indent, repeat, put a text before or after. `behind`: put a file before.
- `cut`: end after this text. `quoted`: write the file as one text of JSON.
- `encoding`: encode the file so.

The file must give one diagnostic, at the mark ¦, or at the line and column `at`:

- `says`: the text of the diagnostic, or `rule: text` if the group has another `rule`. A list of lines and
  rules stands for other diagnostics, as 8 % of the rows may have.
- `mends`: its edits, as pairs of old and new, or true for long edits. They must make a valid file.
- `meant`: the row or the file whose values the edited file must have.
"""

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Any

import pytest
import yaml
from checking import HERE, VALID, unmarked
from support import replace_once, table

from service.registry.schema import module_fields

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


def _edit(text: str, row: dict[str, Any]) -> str:
    scope = entry(text, row["in"]) if row.get("in") else text
    new = made(row["new"]) if isinstance(row["new"], dict) else row["new"]
    edited = replace_once(scope, [(row.get("old", scope), new)], row.get("in") or "the file")
    return text.replace(scope, edited, 1)


def _substituted(text: str, pairs: list[tuple[str, str]]) -> str:
    return reduce(lambda made, pair: re.sub(*pair, made, flags=re.MULTILINE), pairs, text)


def before(text: str, sign: str | list[str]) -> str:
    """Every line behind a sign; an empty one becomes that sign without blanks, or what is said."""
    sign, blank = sign if isinstance(sign, list) else (sign, sign.rstrip())
    return "".join(sign + line if line.strip() else f"{blank}\n" for line in text.splitlines(True))


def number_lines(text: str, form: str | list[Any]) -> str:
    """Put a number before every line, in some form, from 1 or from another number on."""
    form, first = form if isinstance(form, list) else (form, 1)
    return "".join(form.format(number) + line for number, line in enumerate(text.splitlines(True), first))


_STEPS: dict[str, Callable[[str, Any], str]] = {
    "text": lambda _, value: str(value),
    "entry": entry,
    "edits": replace_once,
    "sub": _substituted,
    "before": before,
    "number": number_lines,
    "indent": lambda text, blanks: indent(text, " " * blanks),
    "times": lambda text, number: text * int(number),
    "head": lambda text, value: value + text,
    "tail": lambda text, value: text + value,
    "behind": lambda text, name: FILES[name] + text,
    "cut": lambda text, value: text[: text.index(value) + len(value)],
    "quoted": lambda text, _: json.dumps(text),
}


def made(row: dict[str, Any], of: str | None = None) -> str:
    """Return the text that a row makes, with its mark. `of` replaces the file that the row begins with."""
    text = FILES[row["of"]] if of is None and row.get("of") else of or ""
    for name, value in row.items():
        text = _edit(text, row) if name == "new" else _STEPS[name](text, value) if name in _STEPS else text
    return text


_KNOWN_FIELDS = f"known are {', '.join(module_fields())}"
_NAMED = TABLE["texts"] | TABLE["messages"] | {"known_fields": _KNOWN_FIELDS}
#: The keys of a row whose texts have names to fill in.
_FILLED = ("old", "new", "text", "head", "tail", "meant")


def fill(value: Any, names: dict[str, str] = _NAMED) -> Any:
    """Insert the named texts into a text, a list of lines, or a row.

    Raises: KeyError, if there is no such name.
    """
    if isinstance(value, dict):
        names = names | {"old": fill(value.get("old", ""))}
        return {name: fill(cell, names) if name in _FILLED else cell for name, cell in value.items()}
    text = "".join(f"{line}\n" for line in value) if isinstance(value, list) else value
    return Template(text).substitute(names)


for _name, _row in TABLE["files"].items():
    FILES[_name] = made(fill(_row))


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


def _read_row(cells: Any, group: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a mapping, with its diagnostic as `rule` and `words`, or as `told` if there are others."""
    common = group.get("common", {})
    if isinstance(cells, dict) and "nightly" in cells:
        cells, common = cells["nightly"], common | {"nightly": True}
    if isinstance(cells, list):
        columns = group.get("columns", TABLE["columns"])
        further = [cell for cell in cells[columns.index("says") + 1 :] if isinstance(cell, dict)]
        leading = cells[: len(cells) - len(further)]
        assert len(leading) <= len(columns), f"{leading} has more cells than {columns}"
        cells = reduce(operator.or_, further, dict(zip(columns, leading, strict=False)))
    row = fill(common | cells)
    says = row.pop("says")
    if isinstance(says, dict):
        ((row["rule"], says),) = says.items()
    row |= {"told": says} if isinstance(says, list) else {"words": fill(says)}
    mends = row.get("mends")
    if isinstance(mends, list) and mends and isinstance(mends[0], str):  # one edit
        row["mends"] = [mends]
    return row


def _examples() -> Iterator[Example]:
    rows = [_read_row(cells, group) for group in TABLE["examples"] for cells in group["rows"]]
    for number, row in enumerate(rows):
        what = row.get("name") or row.get("new") or row.get("text") or str(row)
        yield Example(f"{number} {what.strip().replace(HERE, '')[:40]}", row)


EXAMPLES = list(_examples())


def params(examples: Iterable[Example] = EXAMPLES, one_in: int = 1) -> list[Any]:
    """Examples as parameters of a test. Those that only vary another, or all but one in so many, are nightly."""
    return [
        pytest.param(each, id=each.name, marks=[pytest.mark.nightly] * bool(each.row.get("nightly") or number % one_in))
        for number, each in enumerate(examples)
    ]
