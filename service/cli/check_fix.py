"""`module-registry check --fix` and `--diff`: files are mended before they are checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.cli.diffs import say_diff
from service.cli.output import say, say_document
from service.cli.whole_file import write_whole
from service.problems import UnwritableFile
from service.registry.edit.mending import MOST_PROBLEMS, mended
from service.registry.loading import Examined, examine
from service.registry.text.source import MAX_BYTES
from service.wording import pluralized


@dataclass(slots=True)
class Mender:
    """Mends files, or only shows what it would do. `writes` says whether standard output has a file or a diff."""

    only_show: bool
    writes: bool = False

    def mended(self, file: str, name: str, data: bytes) -> tuple[bytes, Examined | None]:
        """What is to be checked of a file with these bytes, and what was found there, if it has been looked at already.

        That is what the file is by then; `name` is what messages call it.
        What is read from standard input, `-`, is written to standard output. Raises UnwritableFile.
        """
        self.writes = self.writes or self.only_show or file == "-"
        found = examine(data, name, MOST_PROBLEMS, warnings=True)
        after, number = mended(data, found)
        if self.only_show:
            say_diff(name, data, after)
        elif file == "-":
            say_document(after if len(data) <= MAX_BYTES else b"")  # rather than its beginning
        elif after != data:
            replace(Path(file), data, after)
        if number:
            done = "can be mended by --fix" if self.only_show else "mended"
            say(f"{name}: {pluralized(number, 'problem')} {done}", err=True)
        if self.only_show or after == data:
            return data, found
        return after, None


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Write the file in one step, unless somebody else has written it meanwhile. Raises UnwritableFile."""
    try:
        if path.read_bytes() != before:
            raise UnwritableFile(str(path), "is not written, since it has changed meanwhile: try again")
        write_whole(path, after)
    except OSError as error:
        raise UnwritableFile(str(path), f"cannot be written: {error.strerror}") from error
