"""Runs tests on changed copies of the repository; what is worked on is never changed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from mutation.changes import Change
from mutation.covering import MEASURING, Covering
from mutation.selecting import groups_of_tests

#: Seconds that one test may take, on a busy machine; a change that has it wait for ever is noticed then.
_ONE_TEST = 180
#: Seconds for all tests of a change.
_ALL_TESTS = 1800

#: The tests of `make test`, and those that `make test-all` has besides.
PLAIN, LONG = "not long and not nightly", "long and not nightly"

#: A line of pytest's summary; the name of a test may have blanks in it.
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", re.MULTILINE)


#: Functions of tests that one run of pytest is given: those that are left need not be imported where these notice.
_AT_ONCE = 60


@dataclass(frozen=True)
class Outcome:
    """What became of a change: `by` is the test that noticed it, empty where none did or it took too long.

    `kind` says which tests noticed: PLAIN, LONG, or none.
    """

    change: Change
    by: str = ""
    kind: str = ""


class Copy:
    """A copy of what git knows of in a repository, and new files that it does not ignore."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.folder = folder
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=repository, capture_output=True, check=True, text=True).stdout
        for path in listed.split("\0"):
            if path and (repository / path).is_file():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(repository / path, folder / path)

    def measure(self) -> None:
        """Run the plain tests once, and leave in this folder which of them runs which line."""
        self.run(PLAIN, [], "-p", "pytest_cov", "-p", "xdist", *MEASURING)

    def look(self, change: Change, covering: Covering) -> Outcome:
        """Make a change, run its tests until one notices, and undo it."""
        self._write(change, change.changed)
        try:
            for kind, tests in self._in_turn(change, covering):
                passed_over: list[str] = []
                while (result := self.run(kind, [*tests, *passed_over], "-x"))[0]:
                    by = result[1][:1]
                    # One that fails once of twice has other reasons, such as a busy machine.
                    if not by or self.run("", by)[0]:
                        return Outcome(change, "".join(by), kind)
                    passed_over.append(f"--deselect={by[0]}")
        finally:
            self._write(change, change.source)
        return Outcome(change)

    def _in_turn(self, change: Change, covering: Covering) -> Iterator[tuple[str, list[str]]]:
        """The tests that run the line and its module's, or all that concern it where none runs it; then long ones."""
        groups = groups_of_tests(change.path, self.folder)
        near = covering.tests_of(change)
        for start in range(0, len(near), _AT_ONCE):
            yield PLAIN, near[start : start + _AT_ONCE]
        yield from ((PLAIN, group) for group in (groups[:1] if near else groups))
        yield from ((LONG, group) for group in groups)

    def run(self, kind: str, tests: Sequence[str], *options: str) -> tuple[bool, list[str]]:
        """Run the tests that a mark names; returns whether any failed, and which ones are known to have."""
        limits = ("-o", f"faulthandler_timeout={_ONE_TEST}", "-o", "faulthandler_exit_on_timeout=true")
        plain = ("-o", "addopts=", "-m", kind, "-p", "no:cacheprovider", "-rfE", "--tb=no")
        process = subprocess.Popen(
            [*_alone(), sys.executable, "-m", "pytest", *plain, *limits, *options, *tests],
            cwd=self.folder,
            # To load plugins takes longer than many a file of tests.
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            output = process.communicate(timeout=_ALL_TESTS)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True, []
        if process.returncode == 5:  # there are no tests
            return False, []
        return process.returncode != 0, _FAILED.findall(output)

    def _write(self, change: Change, source: bytes) -> None:
        file = self.folder / change.path
        file.write_bytes(source)
        # Python takes what it has compiled for current while the file's size and second are the same.
        Path(cache_from_source(str(file))).unlink(missing_ok=True)


def _alone() -> list[str]:
    """A namespace for the processes of a run: a changed line kills nobody else, and all of them end with it."""
    mapped = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    return ["unshare", *mapped, "--pid", "--mount-proc", "--fork", "--kill-child"]
