"""Runs tests on changed copies of the repository; what is worked on is never changed."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from mutation.changes import Change
from mutation.covering import Covering, files_for
from support import copy_checkout

#: Seconds that one test may take, on a busy machine; a change that has it wait for ever is noticed then.
_ONE_TEST = 180
#: Seconds for all tests of a change.
_ALL_TESTS = 1800

#: The tests of `make test`, and those that `make test-all` has besides.
PLAIN, LONG = "not long and not nightly", "long and not nightly"

#: A line of pytest's summary; the name of a test may have blanks in it.
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", re.MULTILINE)

#: Tests that one run of pytest is given: those that are left need not be imported where these notice.
_AT_ONCE = 40


@dataclass(frozen=True)
class Outcome:
    """What became of a change: `by` is the test that noticed it, empty where none did or it took too long.

    `kind` says which tests noticed: PLAIN, LONG, or none.
    """

    change: Change
    by: str = ""
    kind: str = ""

    def __str__(self) -> str:
        if self.kind:
            long = " (long)" if self.kind == LONG else ""
            return f"noticed  {self.change.title} by {self.by or 'a time limit'}{long}"
        return f"SURVIVED {self.change.title}\n  - {self.change.before}\n  + {self.change.after}"


class Copy:
    """A copy of this checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copy_checkout(folder)

    def look(self, change: Change, covering: Covering) -> Outcome:
        """Make a change, run its tests until one notices, and undo it: those that run the line, all that concern it,
        and then the long ones."""
        files = files_for(change.path, self.folder)
        self._write(change, change.changed)
        try:
            for kind, tests in ((PLAIN, covering.tests_of(change) + files), (LONG, files)):
                for start in range(0, len(tests), _AT_ONCE):
                    if (by := self._noticed(kind, tests[start : start + _AT_ONCE])) is not None:
                        return Outcome(change, by, kind)
        finally:
            self._write(change, change.source)
        return Outcome(change)

    def _noticed(self, kind: str, tests: list[str]) -> str | None:
        """The test that fails, empty where they take too long; None if there is none.

        One that fails once of twice has other reasons, such as a busy machine.
        """
        while (result := self.run(kind, tests, "-x"))[0]:
            by = result[1][:1]
            if not by or self.run("", by)[0]:
                return "".join(by)
            tests = [*tests, f"--deselect={by[0]}"]
        return None

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
