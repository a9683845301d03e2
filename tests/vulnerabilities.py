"""`make audit`: whether something in requirements-dev.lock has a known vulnerability, by pip-audit.

pip-audit says that it has found none where it could look at none. So what it has looked at is counted here.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements-dev.lock"


def main(options: list[str]) -> int:
    """Audit, with more of pip-audit's own options, which installs nothing; 1 where something is found."""
    line = [Path(sys.executable).with_name("pip-audit"), "--requirement", LOCK, "--require-hashes", "--disable-pip"]
    line += ["--format", "json", "--progress-spinner", "off", *options]
    done = subprocess.run(line, capture_output=True, text=True)
    packages = json.loads(done.stdout)["dependencies"] if done.stdout.strip() else []
    found = [(each, vulnerability) for each in packages for vulnerability in each.get("vulns", ())]
    for each, vulnerability in found:
        versions = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        print(f"{each['name']} {each['version']}: {vulnerability['id']}, mended in {versions}")
    unknown = sum("skip_reason" in each for each in packages)
    if not packages:  # its last line says why
        print("Not audited: the data on vulnerabilities cannot be reached.", *done.stderr.splitlines()[-1:], sep="\n")
    elif unknown:
        print(f"Not audited: {unknown} of {len(packages)} packages, of which there is no data here.")
    elif not found:
        print(f"None of {len(packages)} packages has a known vulnerability.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
