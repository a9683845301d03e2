"""Running `module-registry doctor` on settings of a test's own."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner
from examining import GOOD_KEY, Doctor, Examined
from support import DOCUMENTED

from service.cli import main
from service.setting_names import NAMES


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run doctor in this process with some settings, and no others."""
    for name in NAMES & os.environ.keys():
        monkeypatch.delenv(name)

    def run(*arguments: str, **settings: str) -> Examined:
        environ = {"REGISTRY_FILE": str(DOCUMENTED), "SECRET_KEY": GOOD_KEY} | settings
        done = CliRunner().invoke(main, ["doctor", "--format", "json", *arguments], env=environ)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        findings = json.loads(done.stdout)["findings"] if done.exit_code in (0, 3) else []
        for each in findings:
            assert (each["level"] == "well") == (not each["mends"]) == (not each["means"]), each
        return Examined(done.exit_code, findings, done.output)

    return run
