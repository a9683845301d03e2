"""The wheel has every file of the package and the schemas; the sdist has all that is in the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support import REPOSITORY

#: What the build reads; it writes into its source folder, so it gets a copy.
SOURCES = ("service", "schemas", "pyproject.toml", "setup.cfg", "README.md")


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unzipped wheel of this checkout."""
    copy, built, unzipped = (tmp_path_factory.mktemp(name) for name in ("copy", "built", "unzipped"))
    for name in SOURCES:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(built)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(copy)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (archive,) = built.glob("*.whl")
    zipfile.ZipFile(archive).extractall(unzipped)
    return unzipped


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    def files(root: Path) -> set[Path]:
        return {file.relative_to(root) for file in root.rglob("*") if file.is_file() and file.suffix != ".pyc"}

    assert files(wheel / "service") - {Path("schemas") / name for name in files(REPOSITORY / "schemas")} == files(
        REPOSITORY / "service"
    )


@pytest.mark.skipif(not shutil.which("git") or not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_every_file_of_the_repository_is_in_the_sdist(tmp_path: Path) -> None:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split("\0")
    files = {name for name in names if name and (REPOSITORY / name).is_file()}
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    build = "from setuptools.build_meta import build_sdist; build_sdist('dist')"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (archive,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as unpacked:
        packed = {name.partition("/")[2] for name in unpacked.getnames()}
    assert files - packed == {".gitignore"}
