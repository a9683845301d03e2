"""What looks at a change before it is merged: workflows, what the documentation shows to copy, and the hook.

Workflows run the actions that somebody read: named by the digest of a commit, not by a tag that moves.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template
from textwrap import dedent
from typing import Any

import pytest
import yaml
from documentation import page
from support import DOCUMENTED, REPOSITORY, commit, git, run

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


def test_the_tests_run_on_every_python_that_the_package_allows() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/tests.yaml").read_text("utf-8"))
    pythons = workflow["jobs"]["pythons"]["strategy"]["matrix"]["python"]
    [oldest] = re.findall(
        r"^python_requires = >=3\.(\d+)$", (REPOSITORY / "setup.cfg").read_text("utf-8"), re.MULTILINE
    )
    assert pythons == [f"3.{int(oldest) + number}" for number in range(len(pythons))]
    assert f"3.{sys.version_info.minor}" in pythons
    assert {"run": "bash .ci/run"} in workflow["jobs"]["everything"]["steps"]
    assert workflow["permissions"] == {"contents": "read"}


def test_a_new_machine_is_tried_each_night() -> None:
    jobs = yaml.safe_load((REPOSITORY / ".github/workflows/nightly.yaml").read_text("utf-8"))["jobs"]
    assert jobs["distributions"]["strategy"]["matrix"]["image"] == ["debian:bookworm", "debian:trixie", "ubuntu:24.04"]
    assert jobs["pythons"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert "macos-latest" in jobs["pythons"]["strategy"]["matrix"]["system"]
    for name in ("distributions", "pythons"):
        commands = [step.get("run") for step in jobs[name]["steps"]]
        assert commands[-3:] == ["make install", ".venv/bin/module-registry check", "make test"]
    assert jobs["newest"]["continue-on-error"] is True
    assert jobs["newest"]["steps"][-1] == {"run": "make test-newest"}


#: What installs packages of any version: pip with a folder or an extra, and no --no-deps.
UNLOCKED = re.compile(r"pip install (?!.*--no-deps)[^\n]*(?:\.(?:\s|$)|'?\.\[)")


@pytest.mark.parametrize(
    "file",
    [*FILES, REPOSITORY / ".ci/run", REPOSITORY / ".ci/check-registry", REPOSITORY / "service/deploy/Containerfile"],
    ids=lambda file: file.name,
)
def test_no_install_resolves_versions(file: Path) -> None:
    assert [line for line in file.read_text("utf-8").splitlines() if UNLOCKED.search(line)] == []


@pytest.fixture
def pull_request(tmp_path: Path) -> Path:
    """A clone whose origin/main has the shipped registry.yaml, which is still what its folder has."""
    shipped = (REPOSITORY / "registry.yaml").read_text("utf-8")
    (tmp_path / "registry.yaml").write_text(shipped, "utf-8")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", commit(tmp_path)).check_returncode()
    return tmp_path


@pytest.mark.long
def test_a_pull_request_that_loses_names_is_refused(pull_request: Path) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/registry.yaml").read_text("utf-8"))
    (step,) = (step for step in workflow["jobs"]["check"]["steps"] if step.get("name") == "Check")
    _, *arguments = shlex.split(step["run"])

    assert run(*arguments, folder=pull_request).returncode == 0
    registry = pull_request / "registry.yaml"
    cut = registry.read_text("utf-8").split("\n  - ")[:20]
    registry.write_text("\n  - ".join(cut) + "\n", "utf-8")
    done = run(*arguments, folder=pull_request)
    assert done.returncode == 1
    assert "names-lost" in done.stdout


def example(beginning: str) -> dict[str, Any]:
    """A file of ops.md that is there to be copied, by how it begins."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page("ops.md"), re.MULTILINE)
    [text] = [block for block in map(dedent, blocks) if block.strip().startswith(beginning)]
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # to which `on` is text
    return loaded


def ran(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a line of a script does that calls this command, with variables as its shell would put them in."""
    program, *arguments = shlex.split(Template(script.partition(">")[0]).substitute(variables))
    assert program == "module-registry"
    return run(*arguments, folder=folder)


@pytest.mark.long
def test_the_merge_queue_of_the_documentation_checks_what_it_builds_on(pull_request: Path) -> None:
    queue = example("on:\n  pull_request:")
    assert queue["on"].keys() == {"pull_request", "merge_group"}
    assert "paths" not in queue["on"]["pull_request"]
    job = queue["jobs"]["check"]
    assert "github.event.merge_group.base_sha" in job["env"]["BASE"]
    scripts = [step["run"] for step in job["steps"] if "module-registry" in step.get("run", "")]
    assert [ran(line, pull_request, BASE="origin/main").returncode for line in scripts] == [0, 0]
    registry = pull_request / "registry.yaml"
    registry.write_text(registry.read_text("utf-8").replace("slug: tracking\n", "slug: traces\n"), "utf-8")
    assert [ran(line, pull_request, BASE="origin/main").returncode for line in scripts] == [0, 3]


@pytest.mark.long
def test_gitlab_gets_the_report_that_the_documentation_names(pull_request: Path) -> None:
    job = example("registry:\n  image:")["registry"]
    assert job["artifacts"]["reports"]["codequality"] == job["script"][-1].partition(">")[2]
    registry = pull_request / "registry.yaml"
    registry.write_text(registry.read_text("utf-8").replace("category: sources", "category: source", 1), "utf-8")
    done = ran(job["script"][-1], pull_request, CI_MERGE_REQUEST_DIFF_BASE_SHA="origin/main")
    assert done.returncode == 1
    assert [each["check_name"] for each in json.loads(done.stdout)] == ["enum"]


@pytest.mark.long
def test_the_preview_of_a_pull_request_is_what_is_published_with_links_and_times(tmp_path: Path) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/preview.yaml").read_text("utf-8"))
    *scripts, packing = [
        step["run"] for step in workflow["jobs"]["publish"]["steps"] if "/srv/preview" in step.get("run", "")
    ]
    published, unpacked = tmp_path / "published", tmp_path / "unpacked"
    for folder in (published, unpacked):
        folder.mkdir()
    _, *arguments = shlex.split(scripts[-1].replace("/srv/preview", str(published)))
    assert run(*arguments).returncode == 0
    [artifact] = [
        step["with"] for step in workflow["jobs"]["publish"]["steps"] if "upload-artifact" in step.get("uses", "")
    ]
    assert artifact["path"] == "${{ runner.temp }}/registry.tar"
    script = packing.replace("/srv/preview", str(published))
    subprocess.run(
        ["sh", "-euc", f"{script}; tar -C {unpacked} -xf $RUNNER_TEMP/registry.tar"],
        env={**os.environ, "RUNNER_TEMP": str(tmp_path)},
        check=True,
    )
    assert (unpacked / "registry").is_symlink()
    for name in ("api/modules/index.json", "en/index.html.br", "nginx/site.conf"):
        one, other = (folder / "registry" / name for folder in (published, unpacked))
        assert one.stat().st_mtime_ns == other.stat().st_mtime_ns
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_a_commit_with_a_broken_registry_is_refused_until_it_is_mended(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    scratch, revision = tmp_path / "scratch", git(REPOSITORY, "rev-parse", "HEAD").stdout.strip()
    config = {"repo": str(REPOSITORY), "rev": revision, "hooks": [{"id": "module-registry-check"}]}
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
