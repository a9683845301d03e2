"""Workflows run the actions that somebody read: named by the digest of a commit, not by a tag that moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import REPOSITORY

#: Where an action may be named: workflows, and what the documentation shows to copy.
FILES = [
    *sorted((REPOSITORY / ".github").rglob("*.y*ml")),
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "service" / "docs").glob("*.md")),
]

#: owner/name@commit, and the version that it is, for people.
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def actions(file: Path) -> list[str]:
    return re.findall(r"^[ -]*uses:\s*(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_is_pinned_by_digest(file: Path) -> None:
    assert [action for action in actions(file) if not PINNED.fullmatch(action)] == []


def test_actions_are_found() -> None:
    assert len([action for file in FILES for action in actions(file)]) >= 2
