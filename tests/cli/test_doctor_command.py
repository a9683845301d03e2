"""`module-registry doctor` beside a real `serve`: what is well, what is not, and the exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import DOCUMENTED, Serve, run, wait_until

HTTPS = "https://127.0.0.1:1"


@pytest.mark.long
def test_beside_a_good_serve_all_is_well_until_something_is_not(serve: Callable[..., Serve], short_dir: Path) -> None:
    file = Path(shutil.copy(DOCUMENTED, short_dir / "registry.yaml"))
    running = serve(REGISTRY_FILE=str(file))
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(file), "PUBLIC_URL": running.url}
    well = run("doctor", "--data", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.endswith("0 problems, 0 not seen, 0 warnings and 15 well\n"), well.stdout
    assert f"{running.url} leads to this service, which is ready" in well.stdout

    file.write_text("modules: [")
    wait_until(lambda: "the edit is not in force" in running.stderr.read_text())
    found = run("doctor", "--format", "json", **settings)
    levels = {each["check"]: each["level"] for each in json.loads(found.stdout)["findings"]}
    assert {check for check, level in levels.items() if level != "well"} == {"registry", "workers", "public-url"}
    assert json.loads(found.stdout)["counts"] == {"problem": 1, "not_seen": 0, "warning": 2, "well": 11}
    assert found.returncode == 3

    shutil.copy(DOCUMENTED, file)
    wait_until(lambda: "is in force" in running.stderr.read_text())
    wait_until(lambda: run("doctor", **settings).returncode == 0)
    assert run("doctor", "--fail-on", "not-seen", **settings, SESSION_COOKIE_SECURE="true").returncode == 0
    plain = run("doctor", "--fail-on", "problem", **{**settings, "SESSION_COOKIE_SECURE": "false", "PUBLIC_URL": HTTPS})
    assert (plain.returncode, "mend:  unset SESSION_COOKIE_SECURE" in plain.stdout) == (3, True)
    assert run("doctor", VOTE_DURABILITY="twice").returncode == 1
