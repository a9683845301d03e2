"""The Makefile: what there is to make, on which port, and what is said where there is no network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support import REPOSITORY

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
def test_without_a_network_it_says_so_in_one_line(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "setup.cfg", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0"}
    done = make("serve", folder=tmp_path, **offline)
    said, of_make = done.stderr.splitlines()
    assert said.startswith("The dependencies cannot be installed: is there a network? pip says in .venv/pip.log: ERROR")
    assert of_make.startswith("make: *** ")
