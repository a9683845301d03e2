"""Write the locks: `make lock`. Each has the exact versions and hashes of packages for every platform.

The lock of developers is resolved first, from releases older than seven days. The others are parts of it.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DEPLOY = REPOSITORY / "service" / "deploy"
#: What developers install. It includes all other locks.
DEVELOPERS_LOCK = REPOSITORY / "requirements-dev.lock"
#: What serves, and setuptools, which builds the package from a checkout.
SERVICE_LOCK = DEPLOY / "requirements.lock"
#: What an extra of setup.cfg adds to what serves.
EXTRA_LOCKS = {extra: DEPLOY / f"requirements-{extra}.lock" for extra in ("oidc", "otel", "mcp")}

#: A malicious release is usually found and removed within days.
MINIMUM_AGE = "7 days"


def read_versions(lock: Path) -> dict[str, str]:
    """Return the version of each package in a lock."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE))


def compile_lock(lock: Path, *options: str) -> None:
    """Resolve the requirements of setup.cfg and of the build into a lock. Raises: CalledProcessError."""
    build_requirements = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--universal"]
    uv += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url"]
    command = [*uv, *options, "--output-file", str(lock), "setup.cfg", "-"]
    requirements = "\n".join(build_requirements)
    subprocess.run(command, cwd=REPOSITORY, input=requirements, text=True, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Write all locks, and print each package whose version has changed."""
    before = read_versions(DEVELOPERS_LOCK)
    compile_lock(DEVELOPERS_LOCK, "--all-extras", "--upgrade", "--exclude-newer", MINIMUM_AGE)
    subset = ["--no-annotate", "--constraints", DEVELOPERS_LOCK.name]
    compile_lock(SERVICE_LOCK, *subset)
    omitted = [f"--no-emit-package={package}" for package in read_versions(SERVICE_LOCK)]
    for extra, lock in EXTRA_LOCKS.items():
        compile_lock(lock, *subset, "--extra", extra, *omitted)
    after = read_versions(DEVELOPERS_LOCK)
    for package in sorted(before | after):
        old, new = before.get(package, "not locked"), after.get(package, "removed")
        if old != new:
            print(f"{package}: {old} -> {new}")
    print(f"{len(after)} packages are locked; {len(read_versions(SERVICE_LOCK))} of them serve")


if __name__ == "__main__":
    main()
