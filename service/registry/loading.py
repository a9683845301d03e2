"""A path -> a Registry, or its problems."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from service.garbage_collection import paused
from service.problems import InvalidRegistry, Problem, UnreadableRegistry
from service.registry.check import rules, shape
from service.registry.check.entries import CheckedDocument
from service.registry.check.extent import end_of
from service.registry.model import Registry
from service.registry.text.nodes import Abandoned, Finding, pointer
from service.registry.text.source import MAX_BYTES, TOO_LARGE, Source, read
from service.wording import shortened

#: Problems that are put into words, unless a caller asks for another number: more is for programs to read.
MOST_PROBLEMS = 100

#: A message, and a hint, in characters: names may be long, and several of them meet in one sentence.
LONGEST_MESSAGE = 2_000


def load(path: Path) -> Registry:
    """Read, check and build the registry at `path`.

    Raises UnreadableRegistry if the file cannot be read, InvalidRegistry with its problems if it is wrong.
    """
    return parse(read_file(path), str(path))


def read_file(path: Path) -> bytes:
    """The bytes of a regular file, or of the one that a symbolic link leads to.

    What may have no end, such as a named pipe or a device, is refused by its kind, without a look into it. Raises
    UnreadableRegistry, and InvalidRegistry for a file that is larger than a registry may be.
    """
    try:
        _refuse_what_is_no_registry(path, path.stat())
        with open(path, "rb", opener=_without_waiting) as file:  # Path.open takes no opener
            _refuse_what_is_no_registry(path, os.fstat(file.fileno()))
            data = file.read(MAX_BYTES + 1)
            if data is None:  # a file of the kernel's that says it is regular, and would have us wait
                raise UnreadableRegistry(str(path), "has no content that can be read at once")
            return data
    except OSError as error:
        raise UnreadableRegistry(str(path), f"cannot be read: {error.strerror}") from error


def _without_waiting(path: str, flags: int) -> int:
    """Open a path that may have become a named pipe just now, without waiting for somebody to write to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _refuse_what_is_no_registry(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):  # a folder has an error of its own
        raise UnreadableRegistry(str(path), "is not a regular file; `check -` reads standard input")
    if stat.S_ISREG(found.st_mode) and found.st_size > MAX_BYTES:
        raise InvalidRegistry([Problem(str(path), 1, 1, "size", *TOO_LARGE())])


class Examined(NamedTuple):
    """What a file is: a registry, or its first problems and the number of the others; and its warnings likewise.

    `source` has its values.
    """

    source: Source
    registry: Registry | None
    problems: tuple[Problem, ...] = ()
    others: int = 0
    warnings: tuple[Problem, ...] = ()
    other_warnings: int = 0

    def first(self, most: int) -> Examined:
        """The same with its first `most` problems, and warnings where there is room for them."""
        room = most - len(self.problems[:most])
        return self._replace(
            problems=self.problems[:most],
            others=self.others + len(self.problems[most:]),
            warnings=self.warnings[:room],
            other_warnings=self.other_warnings + len(self.warnings[room:]),
        )


def parse(data: bytes, file: str, most: int = MOST_PROBLEMS) -> Registry:
    """Build a registry from the bytes of `file` (a name for messages).

    Raises InvalidRegistry with the first `most` problems, and the number of the others.
    """
    found = examine(data, file, most)
    if found.registry is None:
        raise InvalidRegistry(found.problems, found.others)
    return found.registry


def examine(data: bytes, file: str, most: int = MOST_PROBLEMS, warnings: bool = False) -> Examined:
    """Look for everything that is wrong with the bytes of `file`, and put the first `most` problems into words.

    With `warnings`, what is most likely a mistake takes the room that problems leave. A service that starts or reloads
    does not ask for them: nobody reads them there.
    """
    doubts: list[Finding] = []
    with paused():
        source = read(data)
        if source.root is not None:
            with suppress(Abandoned):
                document = shape.check(source, source.root)
                for finding in rules.check(source, document):
                    source.findings.add(finding)
                if warnings:
                    doubts = _distinct(_warned(source, document))
    distinct = _distinct(source.findings)
    problems = tuple(_problems(distinct[:most], source, file))
    room = most - len(problems)
    registry = None
    if not source.findings:
        assert source.root is not None  # no findings, so there is a document
        registry = Registry.from_document(source.root.value)
    # The words of a finding know the list that has it: a cycle, which would keep the whole file in memory.
    source.findings.clear()
    return Examined(
        source,
        registry,
        problems,
        len(distinct) - len(problems),
        tuple(_problems(doubts[:room], source, file)),
        len(doubts[room:]),
    )


def _warned(source: Source, document: CheckedDocument) -> list[Finding]:
    from service.registry.check.warnings import warned  # whoever does not ask for warnings has no use for it

    return warned(source, document)


def _distinct(findings: list[Finding]) -> list[Finding]:
    """The findings in their order; a value that anchors put in several entries is one mistake, not several."""
    findings.sort(key=attrgetter("offset"))
    distinct: list[Finding] = []
    for _, here in groupby(findings, attrgetter("offset")):
        one = {(found.rule, *map(str, found.path[-1:])): found for found in reversed([*here])}
        distinct += [one[key] for key in sorted(one)]
    return distinct


def _problems(findings: Iterable[Finding], source: Source, file: str) -> list[Problem]:
    problems = []
    for finding in findings:
        message, hint = (shortened(words, LONGEST_MESSAGE) for words in finding.words())
        line, column = source.position(finding.offset)
        end = source.position(end_of(source.source_map.text, finding.offset))
        fix = source.fix(finding)
        problems.append(Problem(file, line, column, finding.rule, message, hint, pointer(finding.path), fix, *end))
    return problems
