"""Running `module-registry doctor` on settings of a test's own, and what it has said."""

import json
from typing import NamedTuple

from support import DOCUMENTED, run

#: Random, as `openssl rand -hex 32` makes one.
GOOD_KEY = "9f1d6c0ab7e84352c6f0de19a4b87351e2c95d08f6ab3417d09ce85b2f7a1643"


class Examined(NamedTuple):
    """What doctor has said."""

    exit_code: int
    findings: list[dict[str, str]]
    output: str

    def of(self, check: str, about: str = "") -> dict[str, str]:
        """The one finding of a check, about what has this in its name."""
        [finding] = [each for each in self.findings if each["check"] == check and about in each["about"]]
        return finding

    def level(self, check: str, about: str = "") -> str:
        return self.of(check, about)["level"]

    @property
    def bad(self) -> dict[str, str]:
        """The level of each check that is not well."""
        return {each["check"]: each["level"] for each in self.findings if each["level"] != "well"}


def doctor(*arguments: str, **settings: str) -> Examined:
    """Run it with some settings, and no others."""
    environ = {"REGISTRY_FILE": str(DOCUMENTED), "SECRET_KEY": GOOD_KEY} | settings
    done = run("doctor", "--format", "json", *arguments, **environ)
    findings = json.loads(done.stdout)["findings"] if done.returncode in (0, 3) else []
    for each in findings:
        in_form(each["level"], each["seen"], each["means"], each["mends"])
    return Examined(done.returncode, findings, done.stdout + done.stderr)


def in_form(level: str, seen: str, means: str, mends: str) -> None:
    """What it means is sentences, and what mends it is none; what is well has neither."""
    if level == "well":
        assert (bool(seen), means, mends) == (True, "", "")
    else:
        assert seen and means.endswith(".") and mends and not mends.endswith("."), (seen, means, mends)
