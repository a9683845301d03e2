"""Published files, wherever the package runs from: a checkout, an editable install or a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def schema_path(name: str) -> Path:
    """A file in schemas/, such as `registry.schema.json`: part of the package in a wheel, beside it in a checkout."""
    packaged = _PACKAGE / "schemas" / name
    return packaged if packaged.is_file() else _PACKAGE.parent / "schemas" / name


def read_schema(name: str) -> bytes:
    """The bytes of a file in schemas/."""
    return schema_path(name).read_bytes()


def read_client() -> bytes:
    """The frontend's client, an ES module: the file that the pages use."""
    return (_PACKAGE / "web" / "pages" / "assets" / "client.js").read_bytes()


def read_deploy_files() -> dict[str, str]:
    """The files in deploy/ by their names, for the version that is installed."""
    from importlib.metadata import version  # which takes as long to import as a check of a file

    found = sorted((_PACKAGE / "deploy").iterdir())
    return {file.name: file.read_text("utf-8").replace("@VERSION@", version("module-registry")) for file in found}
