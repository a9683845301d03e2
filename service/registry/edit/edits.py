"""Edits of a text: put into it, in characters and in bytes."""

from __future__ import annotations

from collections.abc import Iterable

from service.problems import Edit
from service.registry.text.source import Source

BOM = "\N{BYTE ORDER MARK}"

#: What is edited is read twice and more, so it has less than a registry may have.
_MOST_BYTES, _MOST_VALUES = 1024 * 1024, 150_000
TOO_LARGE = (
    f"the file has more than {_MOST_BYTES // 1024**2} MiB or {_MOST_VALUES:,} values, and takes too long to edit: "
    "do so by hand"
)


def is_too_large(data: bytes, source: Source) -> bool:
    """Whether it takes too long to edit a file. What was read so far has to do for the number of its values."""
    return len(data) > _MOST_BYTES or source.values > _MOST_VALUES


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made in it, whose offsets are those of the text before any of them.

    Of edits at the same place, the earlier in `edits` comes first. Raises ValueError where two of them overlap, or one
    is outside of the text.
    """
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit[:2]):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"the edit of {edit.start} to {edit.end} overlaps another one, or leaves the text")
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


def decoded(data: bytes) -> tuple[str, str]:
    """The byte order mark of a file, or nothing, and its text, in which offsets count. Raises UnicodeDecodeError."""
    text = data.decode("utf-8")
    return (BOM, text[1:]) if text.startswith(BOM) else ("", text)
