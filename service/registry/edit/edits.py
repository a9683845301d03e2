"""Edits of a text: put into it, in characters and in bytes."""

from __future__ import annotations

from collections.abc import Iterable

from service.problems import Edit

BOM = "\N{BYTE ORDER MARK}"


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
