"""`make audit`: whether something in requirements.lock has a known vulnerability, by pip-audit.

pip-audit says that it has found none where it could look at none. So what it has looked at is counted here.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


def command(*options: str) -> list[str]:
    """pip-audit on the lock, which installs nothing."""
    own = Path(sys.executable).parent / "pip-audit"
    return [str(own), "--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json",
            "--progress-spinner", "off", *options]  # fmt: skip


def verdict(printed: str) -> tuple[int, list[str]]:
    """An exit code, and what to say, of what pip-audit has printed: nothing, where it could not ask at all."""
    if not printed.strip():
        return 0, ["Not audited: the data on vulnerabilities cannot be reached."]
    packages: list[dict[str, Any]] = json.loads(printed)["dependencies"]
    asked = [each for each in packages if "skip_reason" not in each]
    lines = [
        f"{each['name']} {each['version']}: {vulnerability['id']}, mended in "
        f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for each in asked
        for vulnerability in each["vulns"]
    ]
    if lines:
        return 1, lines
    if len(asked) < len(packages):
        return 0, [
            f"Not audited: {len(packages) - len(asked)} of {len(packages)} packages, of which there is no data here."
        ]
    return 0, [f"None of {len(packages)} packages has a known vulnerability."]


def main(options: list[str]) -> int:
    """Audit, by what pip-audit's own options name; 1 where something is found."""
    done = subprocess.run(command(*options), capture_output=True, text=True)
    code, lines = verdict(done.stdout)
    if not done.stdout.strip():  # its last line says why
        lines += done.stderr.splitlines()[-1:]
    print(*lines, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
