"""The published schemas, wherever the package runs from: a checkout, an editable install or a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def read_schema(name: str) -> bytes:
    """The bytes of a file in schemas/, such as `registry.schema.json`."""
    packaged = files("service") / "schemas" / name
    if packaged.is_file():
        return packaged.read_bytes()
    return (Path(__file__).parent.parent / "schemas" / name).read_bytes()
