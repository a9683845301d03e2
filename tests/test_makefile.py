"""The Makefile: what there is to make, on which port, and what is said without a network; `make bench` runs.

`make audit` fails for a known vulnerability, and does not take silence for good news.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import vulnerabilities
from support import REPOSITORY, answering, clean_environ

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def make(*arguments: str, folder: Path = REPOSITORY, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_", "PORT", "VENV"))}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_help_says_what_each_target_is_for() -> None:
    listed = dict(line.split(maxsplit=1) for line in make("help").stdout.splitlines())
    phony = re.search(r"^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert phony and listed.keys() == set(phony[1].split())


def test_the_port_can_be_chosen() -> None:
    assert "serve --port 8000\n" in make("--dry-run", "serve").stdout
    assert "serve --port 8080\n" in make("--dry-run", "serve", "PORT=8080").stdout


@pytest.mark.long
def test_the_list_of_what_it_is_made_of_has_what_runs_and_nothing_else(tmp_path: Path) -> None:
    """With the digests of the lock."""
    (tmp_path / "bin").symlink_to(Path(sys.executable).parent)
    for marker in (".ready", ".ready-dev"):
        (tmp_path / marker).touch()
    file = tmp_path / "made" / "sbom.cdx.json"
    done = make("sbom", f"SBOM={file}", VENV=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    assert list(file.parent.iterdir()) == [file]
    listed = json.loads(file.read_text("utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    components = {each["name"]: each for each in listed["components"]}
    assert components.keys() >= {"flask", "redis", "granian", "authlib", "mcp"}
    assert not components.keys() & {"pytest", "pip-audit", "ruff"}
    lock = (REPOSITORY / "requirements-dev.lock").read_text("utf-8")
    for each in components.values():
        assert f"{each['name']}=={each['version']} " in lock
        digests = [digest["content"] for place in each["externalReferences"] for digest in place["hashes"]]
        assert digests
        assert all(digest in lock for digest in digests)


@pytest.mark.long
def test_failed_install_shows_pips_error_and_likely_causes(tmp_path: Path) -> None:
    for name in ("Makefile", "service/deploy/requirements.lock", "setup.cfg", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0"}
    done = make("serve", folder=tmp_path, **offline)
    heading, _, *message = done.stderr.splitlines()
    assert heading == "The packages cannot be installed. The last lines of pip, which are also in .venv/pip.log:"
    assert "ERROR: No matching distribution found for " in done.stderr
    causes = [line.partition(":")[0] for line in message if line.startswith("- ")]
    assert causes == [
        "- No network",
        "- A proxy or a package index of your own lacks a file",
        "- A Python older than 3.11",
    ]
    assert message[-1].startswith("make: *** ")
    assert make("serve", folder=tmp_path, **offline).returncode != 0, "a failed install is not complete"


@pytest.mark.nightly
@pytest.mark.skipif(
    not (shutil.which("wrk") and shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")),
    reason="wrk or nginx is not installed",
)
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="it takes two cores")
def test_the_benchmark_measures_the_real_service(tmp_path: Path) -> None:
    options = ["--only", "a,b,e", "--rounds", "1", "--seconds", "1", "--output", str(tmp_path / "bench.json")]
    line, environ = [sys.executable, "tests/bench", *options], clean_environ()
    done = subprocess.run(line, cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "| votes " in done.stdout


OSV = ("--vulnerability-service", "osv", "--osv-url")


def known(vulnerable: str, handler: BaseHTTPRequestHandler) -> None:
    """Answer as OSV's API, by which one package has a vulnerability."""
    asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    of = {"package": {"name": vulnerable, "ecosystem": "PyPI"}, "versions": [asked["version"]], "ranges": []}
    known = [{"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z", "affected": [of]}]
    body = json.dumps({"vulns": known} if asked["package"]["name"] == vulnerable else {}).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.long
@pytest.mark.parametrize(("vulnerable", "code"), [("redis", 1), ("none", 0)])
def test_pip_audit_and_a_database(vulnerable: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(partial(known, vulnerable)) as port:
        assert vulnerabilities.main([*OSV, f"http://127.0.0.1:{port}"]) == code
    said = capsys.readouterr().out
    packages = len(re.findall(r"^[a-z].*==", vulnerabilities.LOCK.read_text("utf-8"), re.MULTILINE))
    if code:
        assert re.fullmatch(r"redis [\d.]+: PYSEC-1, mended in no version yet\n", said)
    else:
        number = re.fullmatch(r"None of (\d+) packages has a known vulnerability\.\n", said)
        assert number and packages - 10 <= int(number[1]) <= packages  # without those of other platforms


@pytest.mark.long
def test_pip_audit_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert vulnerabilities.main([*OSV, "http://127.0.0.1:1"]) == 0
    first, _ = capsys.readouterr().out.splitlines()
    assert first == "Not audited: the data on vulnerabilities cannot be reached."
