"""Publish files in a folder for each revision; a symbolic link beside them names the current one.

Files are written to a draft, which is then renamed, and the link is replaced by a rename. A run that is interrupted
leaves the current folder unchanged, and the next run removes the draft. An old folder is renamed to the draft's name
before it is removed, so a folder with a revision's name is never half removed.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.problems import UnwritableFile

#: The file that marks a folder as published, and the version of its format.
_MANIFEST, _FORM = "module-registry.json", 1

#: The name in a new folder of the incomplete one that it replaces. Until that is removed, the count of files differs.
_REPLACED = "replaced"

#: A path that nginx's configuration can have as it is: it ends in a name.
_SOUND = re.compile(r"/([\w.+-]+/)*[\w.+-]+")

#: How long a folder stays that the link has left, in seconds: nginx serves it until it reads its configuration again.
_KEPT = 24 * 3600


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What a folder says of itself; None where it was not published."""
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    is_ours = isinstance(said, dict) and said.get("form") == _FORM and isinstance(said.get("assets"), list)
    return said if is_ours else None


def _count_files(folder: Path) -> int:
    """Return how many files are in a folder and below it, the manifest not included."""
    return sum(len(files) for _, _, files in os.walk(folder)) - (folder / _MANIFEST).exists()


def _is_complete(folder: Path) -> bool:
    """Return whether a folder was published and still has as many files as its manifest records."""
    manifest = _manifest(folder)
    return manifest is not None and manifest.get("files") == _count_files(folder)


def _remove(folder: Path) -> None:
    """Remove a folder if it exists, its manifest last: without it the next run would refuse the rest."""
    for path in sorted(folder.glob("*"), key=lambda path: path.name == _MANIFEST):
        (shutil.rmtree if path.is_dir() else os.remove)(path)
    shutil.rmtree(folder, ignore_errors=True)


class Target:
    """Where to publish, and the folder that is in force there, if there is one."""

    def __init__(self, path: Path) -> None:
        """Raises UnwritableFile for what is there, or beside it, and is not of `publish`'s making."""
        self.path = path.parent.resolve() / path.name
        if not _SOUND.fullmatch(str(self.path)):
            raise UnwritableFile(str(path), "cannot be named so in nginx's configuration: use letters, digits and ._+-")
        self._draft, self._link = (self.path.with_name(f"{path.name}.{what}") for what in ("draft", "link"))
        self._before = self.path.resolve() if self.path.is_symlink() else None
        said = _manifest(self._before) if self._before else None
        is_left = self._draft.is_dir() and (
            _manifest(self._draft) is not None or {each.name for each in self._draft.iterdir()} <= {_MANIFEST}
        )
        for place, is_ours in ((self.path, said), (self._draft, is_left), (self._link, self._link.is_symlink())):
            if os.path.lexists(place) and not is_ours:
                raise UnwritableFile(str(place), "is there, and is not what `publish` makes: name another folder")
        self.versions: list[str] = said["assets"] if said else []

    @contextmanager
    def drafted(self) -> Iterator[None]:
        """Write a folder, of which nothing is left if it does not come into force. Raises UnwritableFile."""
        try:
            _remove(self._draft)
            self._draft.mkdir()
            self._say(assets=[])
            try:
                yield
            finally:
                _remove(self._draft)
        except OSError as error:
            raise UnwritableFile(str(error.filename or self.path), f"cannot be written: {error.strerror}") from error

    def write(self, name: str, data: bytes) -> str:
        """Write a file, or link it if the one before has these bytes. Returns what tells them from others.

        Its time is none: nginx makes an ETag of it and of the length, which so is the same on every host, and another
        where the bytes are. It is below 2^31 seconds, which every file system can hold.
        """
        digest = sha256(data)
        file, changed = self._draft / name.lstrip("/"), int.from_bytes(digest.digest()[:4], "big") >> 1
        before = (self._before or self._draft) / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # as where there is none
            if before.stat().st_mtime == changed and before.read_bytes() == data:
                os.link(before, file)
                return f"{name} {digest.hexdigest()}\n"
        file.write_bytes(data)
        os.utime(file, (changed, changed))
        return f"{name} {digest.hexdigest()}\n"

    def keep(self, folders: Iterable[str]) -> None:
        """Have folders of the one before in this one, too."""
        for folder in folders:
            if self._before:
                shutil.copytree(self._before / folder, self._draft / folder, copy_function=os.link)

    def finish(self, folder: Path, **said: object) -> bool:
        """Make the draft the current folder, named `folder`. Returns False if `folder` is current and complete.

        An incomplete folder of that name, which an earlier version could leave, is replaced. `said` is written to the
        manifest.
        """
        is_complete = _is_complete(folder)
        if is_complete and folder == self._before:
            return False
        if not is_complete:
            self._say(**said, files=_count_files(self._draft))
            os.sync()  # so that a machine that fails does not restart with the link and empty files
            if folder.exists():  # it may be the current one: replaced by renames, not removed file by file
                folder.rename(self._draft / _REPLACED)
            self._draft.rename(folder)
            _remove(folder / _REPLACED)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(folder.name)
        if self._before:
            os.utime(self._before)  # it is left from now on
        self._link.rename(self.path)
        self._tidy(folder)
        return True

    def _say(self, **said: object) -> None:
        (self._draft / _MANIFEST).write_text(json.dumps({"form": _FORM} | said, indent=2) + "\n")

    def _tidy(self, folder: Path) -> None:
        name, now = re.compile(rf"{re.escape(self.path.name)}\.[0-9a-f]{{24}}"), time.time()
        for other in self.path.parent.iterdir():
            is_left = name.fullmatch(other.name) and other not in (folder, self._before) and _manifest(other)
            if is_left and other.stat().st_mtime < now - _KEPT:
                other.rename(self._draft)
                _remove(self._draft)
