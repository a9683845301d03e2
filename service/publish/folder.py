"""Where files are published: a symbolic link to the folder of a revision, which stands beside it.

A folder is written whole, and then the link is replaced by a rename, which is one step. So a run that is ended anywhere
leaves the one before as it was; what it had written, the next run takes away.
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

#: What says that a folder was published, what of, and in which form.
_MANIFEST, _FORM = "module-registry.json", 1

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


def _remove(folder: Path) -> None:
    """Remove a folder, if it is there; at last what says whose it is, or the next run would refuse what is left."""
    for each in sorted(folder.glob("*"), key=lambda each: each.name == _MANIFEST):
        (shutil.rmtree if each.is_dir() else os.remove)(each)
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
        """Bring what is written into force in `folder`, and say it there; False where that is in force already."""
        if folder == self._before:
            return False
        if _manifest(folder) is None:  # or it was in force before this one
            self._say(**said)
            os.sync()  # or a machine that fails might come back with the link, and empty files
            self._draft.rename(folder)
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
                _remove(other)
