"""`module-registry check --fix` and `--diff`: files are mended before they are checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.cli.diffs import say_diff
from service.cli.output import say, say_document
from service.cli.whole_file import write_whole
from service.problems import UnwritableFile
from service.registry.edit.mending import mended
from service.registry.loading import Examined
from service.registry.text.source import MAX_BYTES
from service.wording import pluralized


@dataclass(slots=True)
class Mender:
    """Mends files, or only shows what it would do. `writes` says whether standard output has a file or a diff."""

    only_show: bool
    writes: bool = False

    def mended(self, file: str, name: str, data: bytes) -> tuple[bytes, Examined]:
        """The bytes of a file, mended unless that is only shown, and what is wrong with them.

        `name` is what messages call it.
        What is read from standard input, `-`, is written to standard output. Raises UnwritableFile.
        """
        self.writes = self.writes or self.only_show or file == "-"
        done = mended(data, name)
        if self.only_show:
            say_diff(name, data, done.data)
        elif file == "-":
            say_document(done.data if len(data) <= MAX_BYTES else b"")  # rather than its beginning
        elif done.data != data:
            replace(Path(file), data, done.data)
        if done.number:
            said = "can be mended by --fix" if self.only_show else "mended"
            say(f"{name}: {pluralized(done.number, 'problem')} {said}", err=True)
        if done.untried:
            say(f"{name}: {done.untried}", err=True)
        return (data, done.before) if self.only_show else (done.data, done.after)


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Write the file in one step, unless somebody else has written it meanwhile. Raises UnwritableFile."""
    try:
        if path.read_bytes() != before:
            raise UnwritableFile(str(path), "is not written, since it has changed meanwhile: try again")
        write_whole(path, after)
    except OSError as error:
        raise UnwritableFile(str(path), f"cannot be written: {error.strerror}") from error
