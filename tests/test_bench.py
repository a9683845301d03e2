"""`make bench` runs. Figures worth reading need an idle machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, clean_environ


@pytest.mark.nightly
@pytest.mark.skipif(
    not (shutil.which("wrk") and shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")),
    reason="wrk or nginx is not installed",
)
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="it takes two cores")
def test_it_measures_the_real_service(tmp_path: Path) -> None:
    options = ["--only", "a,b,e", "--rounds", "1", "--seconds", "1", "--output", str(tmp_path / "bench.json")]
    line, environ = [sys.executable, "tests/bench", *options], clean_environ()
    done = subprocess.run(line, cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "| votes " in done.stdout
