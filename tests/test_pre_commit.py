"""The hook that this repository offers, run by the real pre-commit on a scratch repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support import DOCUMENTED, REPOSITORY, copy_checkout

pytest.importorskip("pre_commit", reason="pre-commit is not installed")

#: pre-commit installs the hook with its dependencies, from the package index.
INSTALLING = 300.0


def environ() -> dict[str, str]:
    """The environment without what git sets for its hooks, since these tests may run in one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def run(folder: Path, *command: str) -> str:
    """The output of a command that succeeds."""
    done = subprocess.run(command, cwd=folder, env=environ(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def repository(folder: Path) -> str:
    """Make a git repository of a folder; the id of its commit."""
    name, address = ("config", "user.name", "test"), ("config", "user.email", "test@example.com")
    for words in (["init", "--quiet"], name, address, ["add", "--all"], ["commit", "--quiet", "--message=test"]):
        run(folder, "git", *words)
    return run(folder, "git", "rev-parse", "HEAD").strip()


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_a_commit_with_a_broken_registry_is_refused_until_it_is_mended(tmp_path: Path) -> None:
    hooks, scratch = tmp_path / "hooks", tmp_path / "scratch"
    copy_checkout(hooks)
    config = {"repo": str(hooks), "rev": repository(hooks), "hooks": [{"id": "module-registry-check"}]}
    (scratch / "staging").mkdir(parents=True)
    (scratch / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [config]}))
    repository(scratch)
    run(scratch, sys.executable, "-m", "pre_commit", "install")

    def commit() -> tuple[bool, str]:
        run(scratch, "git", "add", "--all")
        done = subprocess.run(
            ["git", "commit", "--message=edit"],
            cwd=scratch,
            env={**environ(), "PRE_COMMIT_HOME": str(tmp_path / "home"), "PRE_COMMIT_COLOR": "never"},
            capture_output=True,
            text=True,
            timeout=INSTALLING,
        )
        return done.returncode == 0, done.stdout + done.stderr

    valid = DOCUMENTED.read_text(encoding="utf-8")
    broken = valid.replace("slug: scrap\n", "slug: Scrap\n")
    line = broken[: broken.index("slug: Scrap")].count("\n") + 1

    (scratch / "registry.yaml").write_text(valid, encoding="utf-8")
    (scratch / "staging" / "registry.yaml").write_text(broken, encoding="utf-8")
    (scratch / "other.yaml").write_text("modules: this file is no registry\n")
    accepted, said = commit()
    assert not accepted
    assert "Failed" in said and f"staging/registry.yaml:{line}:" in said, said
    assert "registry.yaml: valid" in said and "other.yaml" not in said, said

    (scratch / "staging" / "registry.yaml").write_text(valid, encoding="utf-8")
    accepted, said = commit()
    assert accepted and "Passed" in said, said
