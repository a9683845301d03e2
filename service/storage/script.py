"""Lua scripts, each a file in the room that it belongs to."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha1
from importlib.resources import files
from types import UnionType
from typing import Any

#: What a reply may be: a type, several (`str | None`), in a tuple those of a list's items, or in a list that of each.
Shape = type | UnionType | tuple["Shape", ...] | list[type]


class Script:
    """A Lua script, the SHA-1 digest that Redis knows it by, and what it returns."""

    def __init__(self, source: str, returns: Shape = object, *, or_nothing: bool = False) -> None:
        """`or_nothing`: it may return nothing as well."""
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._returns, self._or_nothing = returns, or_nothing

    @classmethod
    def load(cls, *paths: str, returns: Shape, or_nothing: bool = False) -> Script:
        """The script made of these files, one after the other; a path such as `interest/vote` is below service/.

        They follow storage/call, unless they begin with `#!lua`, which has to be the first of a script.
        """
        call, *own = map(_source, ("storage/call", *paths))
        return cls("\n".join(own if own[0].startswith("#!") else (call, *own)), returns, or_nothing=or_nothing)

    @cached_property
    def on_primary(self) -> Script:
        """The script, which a replica refuses."""
        return Script(f"{_source('storage/primary')}\n{self.source}", self._returns, or_nothing=self._or_nothing)

    def returned(self, reply: Any) -> bool:
        """Whether a reply is of the kind that the script returns; what is not is another command's, or damaged."""
        return _fits(reply, self._returns) or (reply is None and self._or_nothing)


def _source(path: str) -> str:
    room, name = path.split("/")
    return files("service").joinpath(room, "lua", f"{name}.lua").read_text("utf-8")


def _fits(reply: Any, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return isinstance(reply, list) and len(reply) == len(shape) and all(map(_fits, reply, shape))
    if isinstance(shape, list):
        return isinstance(reply, list) and set(map(type, reply)) <= set(shape)
    return isinstance(reply, shape)
