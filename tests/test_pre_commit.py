"""The hook that this repository offers, run by the real pre-commit on a scratch repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support import DOCUMENTED, REPOSITORY, commit, copy_checkout, git

pytest.importorskip("pre_commit", reason="pre-commit is not installed")


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_a_commit_with_a_broken_registry_is_refused_until_it_is_mended(tmp_path: Path) -> None:
    hooks, scratch = tmp_path / "hooks", tmp_path / "scratch"
    copy_checkout(hooks)
    config = {"repo": str(hooks), "rev": commit(hooks), "hooks": [{"id": "module-registry-check"}]}
    (scratch / "staging").mkdir(parents=True)
    (scratch / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [config]}))
    commit(scratch)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=scratch, env=environ, check=True)

    def edit() -> tuple[bool, str]:
        git(scratch, "add", "--all").check_returncode()
        # pre-commit installs the hook with its dependencies, from the package index.
        settings = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PRE_COMMIT_COLOR": "never"}
        done = git(scratch, "commit", "--message=edit", **settings)
        return done.returncode == 0, done.stdout + done.stderr

    valid = DOCUMENTED.read_text(encoding="utf-8")
    broken = valid.replace("slug: scrap\n", "slug: Scrap\n")
    line = broken[: broken.index("slug: Scrap")].count("\n") + 1

    (scratch / "registry.yaml").write_text(valid, encoding="utf-8")
    (scratch / "staging" / "registry.yaml").write_text(broken, encoding="utf-8")
    (scratch / "other.yaml").write_text("modules: this file is no registry\n")
    accepted, said = edit()
    assert not accepted
    assert "Failed" in said and f"staging/registry.yaml:{line}:" in said, said
    assert "registry.yaml: valid" in said and "other.yaml" not in said, said

    (scratch / "staging" / "registry.yaml").write_text(valid, encoding="utf-8")
    accepted, said = edit()
    assert accepted and "Passed" in said, said
