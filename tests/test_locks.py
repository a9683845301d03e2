"""The locks agree with setup.cfg and with each other, and installing from them ignores later releases."""

import configparser
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from locks import DEVELOPERS_LOCK, EXTRA_LOCKS, REPOSITORY, SERVICE_LOCK, read_versions
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import copy_checkout

#: The pip of Debian 12, the oldest supported distribution, and the newest pip.
PIPS = ("pip==23.0.1", "pip")

LOCKS = {"": [SERVICE_LOCK], "dev": [DEVELOPERS_LOCK]} | {
    extra: [SERVICE_LOCK, lock] for extra, lock in EXTRA_LOCKS.items()
}


def locked_versions(extra: str) -> dict[str, str]:
    """Return the versions that an installation with an extra gets from the locks."""
    return {package: version for lock in LOCKS[extra] for package, version in read_versions(lock).items()}


def declared_requirements(extra: str) -> list[Requirement]:
    config = configparser.ConfigParser()
    config.read(REPOSITORY / "setup.cfg")
    text = config["options.extras_require"][extra] if extra else config["options"]["install_requires"]
    return [Requirement(line) for line in text.split("\n") if line]


@pytest.mark.parametrize("extra", LOCKS)
def test_lock_meets_each_requirement(extra: str) -> None:
    versions = locked_versions(extra)
    for requirement in declared_requirements(extra):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_every_extra_has_a_lock() -> None:
    config = configparser.ConfigParser()
    config.read(REPOSITORY / "setup.cfg")
    assert LOCKS.keys() - {""} == set(config["options.extras_require"])


@pytest.mark.parametrize("extra", ["", *EXTRA_LOCKS])
def test_lock_misses_no_dependency_of_a_dependency(extra: str) -> None:
    """As the installed packages state them, for this platform and Python."""
    versions = locked_versions(extra)
    queue, visited = declared_requirements(extra), set()
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        assert name in versions, f"{requirement} is not locked: run make lock"
        for needed in map(Requirement, requires(name) or ()):
            extras = ("", *requirement.extras)
            if needed.marker and not any(needed.marker.evaluate({"extra": chosen}) for chosen in extras):
                continue
            needed.marker = None
            if str(needed) not in visited:
                visited.add(str(needed))
                queue.append(needed)


def test_developers_lock_includes_every_other_lock() -> None:
    developers = DEVELOPERS_LOCK.read_text("utf-8")
    for lock in (SERVICE_LOCK, *EXTRA_LOCKS.values()):
        assert read_versions(lock).items() <= read_versions(DEVELOPERS_LOCK).items()
        hashes = [line for line in lock.read_text("utf-8").split() if line.startswith("--hash=")]
        assert hashes and all(digest in developers for digest in hashes)


def write_empty_wheels(folder: Path) -> None:
    """Write a wheel without content, of version 999.0, for each locked package."""
    folder.mkdir()
    for package in read_versions(DEVELOPERS_LOCK):
        name = package.replace("-", "_")
        information = f"{name}-999.0.dist-info"
        files = {
            f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 999.0\n",
            f"{information}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{information}/RECORD": "",
        }
        with zipfile.ZipFile(folder / f"{name}-999.0-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)


def applicable_versions(lock: Path) -> dict[str, str]:
    """Return the packages of a lock that this platform and Python need, with their versions."""
    lines = [line.rstrip(" \\") for line in lock.read_text("utf-8").splitlines() if "==" in line and line[0].isalnum()]
    requirements = [Requirement(line) for line in lines]
    return {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


@pytest.mark.long
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("pip", PIPS)
def test_install_ignores_releases_after_the_lock(pip: str, tmp_path: Path) -> None:
    checkout, python = tmp_path / "checkout", tmp_path / "checkout" / ".venv" / "bin" / "python"
    checkout.mkdir()
    copy_checkout(checkout)
    write_empty_wheels(tmp_path / "wheels")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "VENV"))}

    def run(*command: str | Path, **variables: str) -> str:
        environ = inherited | variables
        done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def installed_versions() -> dict[str, str]:
        packages = json.loads(run(python, "-m", "pip", "list", "--format", "json"))
        return {canonicalize_name(package["name"]): package["version"] for package in packages}

    run(sys.executable, "-m", "venv", ".venv")
    run(python, "-m", "pip", "install", "--quiet", "--upgrade", pip)
    later_releases = {"PIP_FIND_LINKS": str(tmp_path / "wheels")}
    run("make", "install", **later_releases)
    served = installed_versions()
    assert served.keys() - {"pip", "module-registry"} == applicable_versions(SERVICE_LOCK).keys()
    assert applicable_versions(SERVICE_LOCK).items() <= served.items()
    run("make", ".venv/.ready-dev", **later_releases)
    developed = installed_versions()
    assert developed.keys() - {"module-registry"} == applicable_versions(DEVELOPERS_LOCK).keys()
    assert applicable_versions(DEVELOPERS_LOCK).items() <= developed.items()
