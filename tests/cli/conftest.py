"""What tests of commands share: git repositories, what a shell completes, and a `serve` that is refused."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import REPOSITORY, run

Completed = subprocess.CompletedProcess[str]


@pytest.fixture
def commit() -> Callable[[Path], None]:
    """Make a folder a git repository, with what is in it on its branch main."""

    def commit(folder: Path) -> None:
        author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        for arguments in (("init", "-q", "-b", "main"), ("add", "."), (*author, "commit", "-q", "-m", "The registry")):
            subprocess.run(["git", *arguments], cwd=folder, check=True)

    return commit


@pytest.fixture
def completions() -> Callable[..., list[str]]:
    """What a shell offers where a command line ends, called as `completions("check --expl", **settings)`."""

    def completions(line: str, folder: Path = REPOSITORY, **settings: str) -> list[str]:
        words = {"COMP_WORDS": f"module-registry {line}", "COMP_CWORD": str(len(line.split()))}
        done = run(_MODULE_REGISTRY_COMPLETE="bash_complete", folder=folder, **words, **settings)
        assert done.stderr == ""
        return [each.removeprefix("plain,") for each in done.stdout.split()]

    return completions


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put back the handlers of signals that `serve` replaces."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2)
    kept = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def refused(handlers: None, short_dir: Path) -> Callable[..., str]:
    """Run a `serve` that ends with 1 before it starts anything, in this process: what it says on standard error."""

    def refused(*arguments: str, code: int = 1, **settings: str) -> str:
        settings = {"DATA_DIR": str(short_dir / "var"), **settings}
        done = run("serve", "--port", "0", *arguments, **settings)
        assert (done.returncode, done.stdout) == (code, "")
        return done.stderr

    return refused
