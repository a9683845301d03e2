"""`module-registry doctor` beside a real `serve`: what is well, what is not, and the exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import DOCUMENTED, Serve, run

HTTPS = "https://127.0.0.1:1"


@pytest.mark.long
def test_beside_a_good_serve_all_is_well_until_something_is_not(serve: Callable[..., Serve], short_dir: Path) -> None:
    file = Path(shutil.copy(DOCUMENTED, short_dir / "registry.yaml"))
    running = serve(REGISTRY_FILE=str(file))
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(file), "PUBLIC_URL": running.url}
    well = run("doctor", "--data", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.endswith("0 problems, 0 not seen, 0 warnings and 7 well\n"), well.stdout
    told = json.loads(run("doctor", "--format", "json", **settings, SECRET_KEY_FALLBACKS="k3Xw9uT5qLz8Rb2V").stdout)
    levels = {each["check"]: each["level"] for each in told["findings"]}
    assert {check for check, level in levels.items() if level != "well"} == {"retired-keys"}
    assert told["counts"] == {"problem": 0, "not_seen": 0, "warning": 1, "well": 7}

    assert run("doctor", "--fail-on", "not-seen", **settings, SESSION_COOKIE_SECURE="true").returncode == 0
    plain = run("doctor", "--fail-on", "problem", **{**settings, "SESSION_COOKIE_SECURE": "false", "PUBLIC_URL": HTTPS})
    assert (plain.returncode, "mend:  unset SESSION_COOKIE_SECURE" in plain.stdout) == (3, True)
    assert run("doctor", VOTE_DURABILITY="twice").returncode == 1
