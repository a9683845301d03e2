"""Registry files that are broken at random, each made again by its number, and what reading them takes.

`python tests/registry/mutated.py FIRST END` reads the files of these numbers and prints, as JSON, the longest time, the
number of that file, and the most memory, in MiB with all of Python. Light to import: both would count.
"""

import json
import resource
import sys
import time
from functools import cache
from operator import attrgetter
from pathlib import Path
from random import Random

from costly import SHAPES

from service.registry.lint.catalogue import rules
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading.loader import examine
from service.registry.model import Registry

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent

#: More memory than any file may take, so that one that takes without end is stopped, in bytes.
_END_OF_MEMORY = 2 << 30

#: Seconds after which a file is read twice more.
_SLOW = 2

#: One file in so many is made of one that costs as much as a file can, and one grows up to the largest there may be.
_COSTLY, _GROWN = 500, 300

#: What YAML reads as something of its own, and characters that are none, or look like others.
SPECIALS = [
    *("&a ", "*a", "<<: ", "<<: *a", "!!int ", "!!binary ", "!x ", "!<x> ", "? ", ": ", "- ", "-\t", "---\n", "...\n"),
    *("%YAML 1.2\n", "%TAG ! x\n", "|\n", ">-\n", "|9+\n", "'", '"', '"\\x', '"\\U0010ffff"', "#", " #", "\t", "\n\n"),
    *("{", "}", "[", "]", ",", "[[[[[[[[", "{a: ", "~", "null", "yes", "0x1f", "0o7", "1_000", "1:30", ".inf", ".nan"),
    *("1e999", "2026-02-30", "=", "@", "`", "\r", "\r\n", "\0", "\x07", "\x85", "\u2028", "\ufeff", "\ufffe", "\u202e"),
    *("é", "e\u0301", "ﬁ", "\u0130", "𝟙", "😀", "\U0010ffff", "a" * 5000, " " * 3000, "9" * 5000, "__proto__: 1"),
]
#: Bytes that are no UTF-8: overlong, half a pair, cut off, beyond Unicode.
_NO_TEXT = [b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\xff\xfe", b"\x80"]


def outcome(data: bytes) -> Registry | list[str]:
    """The registry that a file is, or its problems. Fails unless each, and each warning, has a place and words."""
    examined = examine(data, "registry.yaml", warnings=True)
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert (examined.registry is None) is bool(examined.problems)
    for problem in (*examined.problems, *examined.warnings):
        assert 1 <= problem.line <= len(lines)
        if "\N{REPLACEMENT CHARACTER}" not in lines[problem.line - 1]:  # else it may be read as more characters
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert (problem.line, problem.column) <= problem.end
        assert problem.message.strip() and problem.rule in rules()
        assert "\n" not in problem.text
        assert len(problem.message) <= 2_000 and len(problem.hint) <= 2_000
    for listed in (examined.problems, examined.warnings):
        assert len({(each.place, each.rule, each.text) for each in listed}) == len(listed)
        assert list(listed) == sorted(listed, key=attrgetter("line", "column"))
    return [str(problem) for problem in examined.problems] if examined.registry is None else examined.registry


@cache
def _seeds() -> list[bytes]:
    """What is shipped, what the tests have, and the examples of every rule."""
    paths = [_ROOT / "registry.yaml", _HERE.parent / "documented.yaml"]
    paths += sorted([*(_HERE / "negative").glob("*.yaml"), *(_HERE / "positive").glob("*.yaml")])
    return [
        *[paths[0].read_bytes()] * 10,  # as often as all the others of its size
        *(path.read_bytes() for path in paths),
        *(text.encode() for rule in rules().values() for text in (rule.wrong, rule.right)),
    ]


def mutated(number: int) -> bytes:
    """The file of a number: the costly ones as they are, and from there on one with up to eight changes, often one."""
    if number < len(SHAPES):
        return [*SHAPES.values()][number][0]().encode()
    chance = Random(number)
    if number % _COSTLY == 0:
        data = bytearray(chance.choice([*SHAPES.values()])[0]().encode())
    else:
        data = bytearray(chance.choice(_seeds()))
    for _ in range(1 + int(8 * chance.random() ** 3)):
        _CHANGES[chance.randrange(len(_CHANGES))](chance, data)
    if number % _GROWN == 0:
        _grow(chance, data)
    return bytes(data[:MAX_BYTES])


def _flip(chance: Random, data: bytearray) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _line(chance: Random, data: bytearray) -> tuple[int, int]:
    """Where a line begins, and ends with its break."""
    at = chance.randint(0, len(data))
    start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1
    return start, end or len(data)


def _swap_lines(chance: Random, data: bytearray) -> None:
    first, second = sorted((_line(chance, data), _line(chance, data)))
    if first[1] <= second[0]:
        data[first[0] : second[1]] = data[slice(*second)] + data[first[1] : second[0]] + data[slice(*first)]


def _repeat_lines(chance: Random, data: bytearray) -> None:
    start, end = _line(chance, data)
    _, end = max((start, end), _line(chance, data)) if chance.random() < 0.3 else (start, end)
    data[end:end] = data[start:end] * chance.choice((1, 1, 2, 30))


def _delete(chance: Random, data: bytearray) -> None:
    start = chance.randint(0, len(data))
    del data[start : start + chance.choice((1, 3, 20, 300))]


def _splice(chance: Random, data: bytearray) -> None:
    other = chance.choice(_seeds())
    start = chance.randint(0, len(other))
    _insert(chance, data, other[start : start + chance.choice((10, 100, 1000))])


def _insert(chance: Random, data: bytearray, added: bytes) -> None:
    at = chance.randint(0, len(data))
    data[at:at] = added


def _insert_special(chance: Random, data: bytearray) -> None:
    _insert(chance, data, chance.choice(SPECIALS).encode())


def _insert_no_text(chance: Random, data: bytearray) -> None:
    if chance.random() < 0.3:  # a file that is no text is not read further
        _insert(chance, data, chance.choice(_NO_TEXT))


def _insert_character(chance: Random, data: bytearray) -> None:
    _insert(chance, data, chr(chance.choice((0x100, 0x3000, 0xD800, 0x110000)) - 1 - chance.randrange(0xFF)).encode())


def _indent(chance: Random, data: bytearray) -> None:
    start, _ = _line(chance, data)
    data[start:start] = b" " * chance.randint(1, 6)


_CHANGES = [
    *(_flip, _swap_lines, _repeat_lines, _delete, _splice),
    *(_insert_special, _insert_special, _insert_no_text, _insert_character, _indent),
]


def _grow(chance: Random, data: bytearray) -> None:
    """Repeat a piece until the file is as large as it may be, or a tenth of that."""
    start = chance.randint(0, len(data))
    piece = data[start : start + chance.choice((1, 5, 50, 500))]
    if piece:
        at = start + len(piece)
        data[at:at] = piece * ((MAX_BYTES // chance.choice((1, 10)) - len(data)) // len(piece))


def _seconds(number: int) -> float:
    """The seconds of the processor that a file takes; of a slow one the best of three, as others take of its time."""

    def timed() -> float:
        began = time.process_time()
        outcome(data)
        return time.process_time() - began

    data = mutated(number)
    try:
        took = timed()
        return took if took < _SLOW else min(took, timed(), timed())
    except BaseException as error:
        error.add_note(f"reading the file {number} of tests/registry/mutated.py")
        raise


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_END_OF_MEMORY, _END_OF_MEMORY))
    slowest = max((_seconds(number), number) for number in range(*map(int, sys.argv[1:])))
    # Not ru_maxrss, which begins with that of the process that started this one.
    print(json.dumps([*slowest, int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024]))
