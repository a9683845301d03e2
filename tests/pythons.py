"""The Pythons on PATH that `make test-pythons` runs the tests on: from 3.11 on, each once, without this one."""

import shutil
import subprocess
import sys

#: The oldest that setup.cfg allows, and one that does not exist yet.
OLDEST, NEXT = 11, 30


def others() -> list[str]:
    """Their names, such as python3.13: those that work, and can make a virtual environment."""
    names = (f"python3.{minor}" for minor in range(OLDEST, NEXT) if minor != sys.version_info.minor)
    return [name for name in names if shutil.which(name) and _works(name)]


def _works(name: str) -> bool:
    return subprocess.run([name, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0


if __name__ == "__main__":
    print(*others())
