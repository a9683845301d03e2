"""The wheel and the locked packages that serve are enough to run the service; the sdist has the whole repository."""

import re
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from support import DEADLINE, DOCUMENTED, REPOSITORY, clean_environ, copy_checkout, wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not shutil.which("git") or not (REPOSITORY / ".git").exists(), reason="not a git checkout"),
]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The folder of programs of a new environment with the wheel and the lock of what serves, and nothing else."""
    clone, wheels, venv = tmp_path / "clone", tmp_path / "wheels", tmp_path / "venv"
    run("git", "clone", "--quiet", str(REPOSITORY), str(clone))
    offline = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    run(sys.executable, "-m", "pip", "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(wheels), str(clone))
    run(sys.executable, "-m", "venv", str(venv))
    (wheel,) = wheels.glob("*.whl")
    pip = (str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check")
    lock = str(clone / "service" / "deploy" / "requirements.lock")
    run(*pip, "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", lock)
    run(*pip, "install", *offline, str(wheel))
    run(*pip, "check")
    (site,) = venv.glob("lib/python*/site-packages")
    schemas = {Path("schemas") / name for name in files(clone / "schemas")}
    assert files(site / "service") == files(clone / "service") | schemas
    shutil.rmtree(clone)
    return venv / "bin"


def files(folder: Path) -> set[Path]:
    return {file.relative_to(folder) for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"}


def environ(**settings: str) -> dict[str, str]:
    """What has nothing of this checkout."""
    return {name: value for name, value in clean_environ(**settings).items() if name != "PYTHONPATH"}


def run(*command: str) -> None:
    done = subprocess.run(command, env=environ(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def curl(cookies: Path, url: str, method: str = "GET") -> str:
    """Send a request as the signed-in browser of a folder of cookies, and return the status and the body."""
    options = ["--silent", "--show-error", "--cookie", cookies, "--cookie-jar", cookies, "--write-out", "%{http_code} "]
    return subprocess.check_output(["curl", *options, "--request", method, url], text=True, timeout=DEADLINE)


def test_it_serves_pages_and_scripts(installed: Path, short_dir: Path) -> None:
    settings = environ(DATA_DIR=str(short_dir / "var"), REGISTRY_FILE=str(DOCUMENTED))
    where = [str(installed / "python"), "-c", "import service; print(service.__file__)"]
    assert subprocess.check_output(where, cwd=short_dir, env=settings, text=True).startswith(f"{installed.parent}/")
    out = short_dir / "out"
    with out.open("wb") as stdout:
        serving = [installed / "module-registry", "serve", "--port", "0"]
        serve = subprocess.Popen(serving, cwd=short_dir, env=settings, stdout=stdout)
    try:
        line = wait_until(lambda: serve.poll() is not None or out.read_text().endswith("\n"), 60) and out.read_text()
        assert serve.poll() is None, "it has ended"
        url = line.split()[2]

        def read(path: str) -> str:
            with urlopen(url + path, timeout=DEADLINE) as response:
                return str(response.read().decode())

        page = read("/en/")
        linked = set(re.findall(r'(?:href|src)="(/assets/[^"]+\.(?:js|css))"', page))
        assert {Path(path).suffix for path in linked} == {".js", ".css"}
        assert all(read(path) for path in linked)

        def command(*arguments: str) -> str:
            line = [installed / "module-registry", *arguments]
            return subprocess.check_output(line, cwd=short_dir, env=settings, text=True, timeout=DEADLINE)

        assert f"{DOCUMENTED}: valid" in command("check", str(DOCUMENTED))
        command("accounts", "add", "alice")
        cookies = short_dir / "cookies"
        curl(cookies, command("accounts", "sign-in-link", "alice").strip(), "POST")
        assert curl(cookies, f"{url}/api/features/linkedin/interest", "POST") == "204 "
        assert '"linkedin":1' in curl(cookies, f"{url}/api/features")
        for path in ("/fr/", "/en/docs/", "/en/docs/operators", "/en/docs/reference", "/api/modules", "/openapi.yaml"):
            assert read(path)
    finally:
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(DEADLINE) == 0


def test_every_file_of_the_repository_is_in_the_sdist(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    copied = {str(path) for path in files(tmp_path)}
    build = "from setuptools.build_meta import build_sdist; build_sdist('dist')"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (archive,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as unpacked:
        packed = {name.partition("/")[2] for name in unpacked.getnames()}
    assert copied - packed == {".gitignore"}
