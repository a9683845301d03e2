"""What command lines answer, of which answers.yaml and completed.yaml have a table."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import AnyClient, everything, run, table, without_audit

from service.interest.keys import RENAMES_KEY
from service.interest.maintenance import add_voters

HERE = Path(__file__).parent
ANSWERS = table(__file__, "answers.yaml")
COMPLETED = table(__file__, "completed.yaml")


@pytest.mark.parametrize("row", [pytest.param(row, id=row["line"]) for row in ANSWERS])
def test_a_command_line_is_answered_and_changes_nothing_else(
    folder: Path, redis: AnyClient, valkey_url: str, commit: Callable[[Path], str], row: dict[str, Any]
) -> None:
    settings = {**row.get("settings", {}), **({"REDIS_URL": valkey_url} if "votes" in row else {})}
    for feature, voters in row.get("votes", {}).items():
        add_voters(redis, feature, voters)
    if "git" in row:
        commit(folder)
    redis.hset(RENAMES_KEY, "merged", "company")
    for name, text in row.get("files", {}).items():
        (folder / name).write_text(text, "utf-8")
    stored = everything if "code" in row else without_audit  # to look at names is recorded, and no refusal
    files, before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}, stored(redis)
    done = run(*shlex.split(row["line"]), stdin=row.get("stdin", ""), folder=folder, **settings)
    assert done.returncode == row.get("code", 0), done
    for said, whole, parts in ((done.stdout, "out", "says"), (done.stderr, "err", "warns")):
        assert all(part in said for part in row.get(parts, [])), said
        assert said == row.get(whole, said if parts in row else "")
    expected = {folder / name: text.encode() for name, text in row.get("after", {}).items()}
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == files | expected
    assert stored(redis) == before


@pytest.mark.parametrize("line", COMPLETED)
def test_a_shell_completes_what_can_be_named(folder: Path, line: str) -> None:
    (folder / "empty.yaml").write_text("modules: []\n")
    words = {"COMP_WORDS": f"module-registry {line}", "COMP_CWORD": str(len(line.split()))}
    done = run(_MODULE_REGISTRY_COMPLETE="bash_complete", folder=folder, **words)
    assert (done.stdout.split(), done.stderr) == ([f"plain,{each}" for each in COMPLETED[line]], "")
