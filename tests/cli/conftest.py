"""What tests of commands share: git repositories, what a shell completes, and `serve` without workers or with them."""

import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import support
from support import DOCUMENTED, AnyClient, Serve, launch, run

Command = Callable[..., "subprocess.CompletedProcess[str]"]

serve_module = import_module("service.cli.serve")


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A registry in a folder of its own: REGISTRY of the module of the test, or that of the documentation."""
    path = tmp_path / "registry.yaml"
    path.write_text(getattr(request.module, "REGISTRY", None) or DOCUMENTED.read_text("utf-8"), "utf-8")
    return path


@pytest.fixture
def folder(file: Path) -> Path:
    """The folder of that registry."""
    return file.parent


@pytest.fixture
def command(file: Path, valkey_url: str, redis: AnyClient) -> Command:
    """Run a command with that registry, on the session's store, which is empty at first."""
    return lambda *arguments, stdin="": run(*arguments, stdin=stdin, REDIS_URL=valkey_url, REGISTRY_FILE=str(file))


@pytest.fixture
def commit() -> Callable[[Path], str]:
    """Make a folder a git repository, with what is in it on its branch main."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    return support.commit


@pytest.fixture
def put_back() -> Iterator[None]:
    """Put back what `serve` replaces: the handlers of signals and of the log, and what takes what nobody has caught."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2)
    signals = {number: signal.getsignal(number) for number in numbers}
    hooks = threading.excepthook, sys.unraisablehook
    log = {name: (logging.getLogger(name).level, logging.getLogger(name).handlers[:]) for name in (None, "service")}
    yield
    threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    for number, handler in signals.items():
        signal.signal(number, handler)
    for name, (level, handlers) in log.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).handlers[:] = handlers


@pytest.fixture
def refused(put_back: None, short_dir: Path) -> Callable[..., str]:
    """Run a `serve` in this process that ends with 1 (or `code`) before it starts anything: what it says of it."""

    def refused(*arguments: str, code: int = 1, **settings: str) -> str:
        done = run("serve", "--port", "0", *arguments, **{"DATA_DIR": str(short_dir / "var"), **settings})
        assert (done.returncode, done.stdout) == (code, "")
        return done.stderr

    return refused


@pytest.fixture
def prepared(put_back: None, short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SimpleNamespace]:
    """Run all of `serve` in this process but its workers, as `prepared(*arguments, **settings)`.

    Returns what it would run them with, what it would say once they serve, and what it has logged.
    """

    def prepared(*arguments: str, **settings: str) -> SimpleNamespace:
        run_workers = Mock()
        monkeypatch.setattr(serve_module, "run_workers", run_workers)
        defaults = {"DATA_DIR": str(short_dir / "var"), "REGISTRY_FILE": str(DOCUMENTED)}
        done = run("serve", "--port", "0", *arguments, **{**defaults, **settings})
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        address, workers, make_app, ready, *_ = run_workers.call_args.args
        log = done.stderr.splitlines()
        return SimpleNamespace(address=address, workers=workers, settings=make_app.args[0], ready=ready, log=log)

    return prepared


@pytest.fixture(scope="session")
def running() -> Iterator[Serve]:
    """A `serve` that runs for the whole session, for tests that leave it as it is."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:
        serve = launch(Path(folder), Path(folder, "var"), SECRET_KEY="a very secret key of somebody")
        try:
            yield serve.started()
        finally:
            serve.clean_up()
