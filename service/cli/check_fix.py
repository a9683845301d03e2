"""`module-registry check --fix` and `--diff`: files are mended before they are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from service.cli.diffs import say_diff
from service.cli.output import say, say_document
from service.cli.whole_file import change_file
from service.registry.edit.mending import mended
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading import Examined
from service.wording import pluralized


@dataclass(slots=True)
class Mender:
    """Mends files, or only shows what it would do. `writes` says whether standard output has a file or a diff."""

    only_show: bool
    writes: bool = False

    def mended(self, file: str, name: str, read: Callable[[], bytes]) -> tuple[bytes, Examined]:
        """The bytes of a file, mended unless that is only shown, and what is wrong with them.

        `name` is what messages call it, and `read` has its bytes. What is read from standard input, `-`, is written to
        standard output. Raises what reading does, and UnwritableFile.
        """
        self.writes = self.writes or self.only_show or file == "-"
        if self.only_show:
            done = mended(data := read(), name)
            say_diff(name, data, done.data)
        elif file == "-":
            done = mended(data := read(), name)
            say_document(done.data if len(data) <= MAX_BYTES else b"")  # rather than its beginning
        else:
            done = change_file(Path(file), lambda data: mended(data, name))
        if done.number:
            said = "can be mended by --fix" if self.only_show else "mended"
            say(f"{name}: {pluralized(done.number, 'problem')} {said}", err=True)
        if done.untried:
            say(f"{name}: {done.untried}", err=True)
        return (data, done.before) if self.only_show else (done.data, done.after)
