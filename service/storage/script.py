"""Lua scripts, each a file in the room that it belongs to."""

from __future__ import annotations

from hashlib import sha1
from importlib.resources import files


class Script:
    """A Lua script and the SHA-1 digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()

    @classmethod
    def load(cls, *paths: str) -> Script:
        """The script made of these files, one after the other; a path such as `interest/vote` is below service/."""
        folder = files("service")
        rooms = (path.split("/") for path in paths)
        return cls("\n".join(folder.joinpath(room, "lua", f"{name}.lua").read_text("utf-8") for room, name in rooms))
