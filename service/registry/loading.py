"""A path -> a Registry, or every Problem at once."""

from __future__ import annotations

from pathlib import Path

from service.problems import InvalidRegistry, Problem, UnreadableRegistry
from service.registry import rules, shape
from service.registry.model import Registry
from service.registry.source import MAX_BYTES, read


def load(path: Path) -> Registry:
    """Read, check and build the registry at `path`.

    Raises UnreadableRegistry if the file cannot be read, InvalidRegistry with every problem if it is wrong.
    """
    return parse(read_file(path), str(path))


def read_file(path: Path) -> bytes:
    """The file's bytes, at most one more than a registry may have. Raises UnreadableRegistry."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableRegistry(f"{path}: cannot be read: {error.strerror}") from error


def parse(data: bytes, file: str) -> Registry:
    """Build a registry from the bytes of `file` (a name for messages). Raises InvalidRegistry."""
    source = read(data)
    findings = list(source.findings)
    if source.root is not None:
        shaped = shape.check(source, source.root)
        findings += [*shaped.findings, *rules.check(source, shaped)]
    if findings:
        # A value that anchors put in several entries is one mistake, not several.
        distinct = {(f.offset, f.rule, f.pointer.rpartition("/")[2]): f for f in reversed(findings)}
        raise InvalidRegistry(
            sorted(
                Problem(file, *source.place(f.offset), f.rule, f.message, f.hint, f.pointer) for f in distinct.values()
            )
        )
    assert source.root is not None  # no findings, so there is a document
    return Registry.from_document(source.root.value)
