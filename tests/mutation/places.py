"""Which places are changed: some of each room, the same ones for the same seed while their lines stay as they are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from mutation import lua_changes, python_changes
from mutation.changes import Change
from support import table

#: The changes that change nothing that can be told, each with its `file`, `before`, `after` and `reason`.
EQUIVALENT: list[dict[str, str]] = table(__file__, "equivalent.yaml")


def all_changes(repository: Path) -> dict[str, list[Change]]:
    """All that can be changed, by room, such as `registry/lint`; the scripts of Redis are one, wherever they are."""
    changes = defaultdict(list)
    for file in sorted((repository / "service").rglob("*")):
        path = str(file.relative_to(repository))
        if finder := {".py": python_changes, ".lua": lua_changes}.get(file.suffix):
            room = "lua" if file.suffix == ".lua" else str(Path(path).parent).removeprefix("service/")
            changes[room].extend(finder.changes(path, file.read_bytes()))
    return dict(changes)


def chosen(changes: dict[str, list[Change]], seed: int, count: int) -> list[Change]:
    """`count` of these, one a line. Half of them are shared out evenly among the rooms, the rest by their lines."""
    lines = {room: _by_line(several) for room, several in changes.items()}
    total = sum(map(len, lines.values()))
    shares = {room: count / 2 / len(lines) + count / 2 * len(own) / total for room, own in lines.items()}
    numbers = {room: min(int(share), len(lines[room])) for room, share in shares.items()}
    for room in sorted(shares, key=lambda room: numbers[room] - shares[room])[: count - sum(numbers.values())]:
        numbers[room] += 1
    picked = [change for room in sorted(lines) for change in islice(_in_turn(lines[room], seed), numbers[room])]
    # So that whoever watches has seen some of each room soon.
    return sorted(picked, key=lambda change: _rank(seed, change.place))


def _in_turn(lines: dict[tuple[Any, ...], Sequence[Change]], seed: int) -> Iterator[Change]:
    """One change of each line, the lines in an order that the seed gives."""
    for line in sorted(lines, key=lambda line: _rank(seed, *line)):
        several = sorted(lines[line], key=lambda change: _rank(seed, change.place))
        yield from islice((each for each in several if each.path.endswith(".lua") or python_changes.is_code(each)), 1)


def _by_line(changes: Iterable[Change]) -> dict[tuple[Any, ...], Sequence[Change]]:
    """Changes by file, text of the line, and how many such lines there are before it in the file."""
    lines = defaultdict(list)
    for change in changes:
        lines[change.path, change.line].append(change)
    seen: Counter[tuple[str, bytes]] = Counter()
    rows = {}
    for (path, number), several in sorted(lines.items()):
        text = several[0].source.split(b"\n")[number - 1].strip()
        rows[path, text, seen[path, text]] = several
        seen[path, text] += 1
    return rows


def _rank(*key: object) -> bytes:
    return sha256(repr(key).encode()).digest()
