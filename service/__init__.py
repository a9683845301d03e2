"""The module registry: one YAML declaration, served over HTTP, with votes for what comes next.

Each package is a room with a subject of its own; docs/developers.md has the map. Every room uses `problems`, the tree
of errors, and `wording`, which formats texts for messages. `wsgi` is the application for servers other than `serve`.
"""

from pathlib import Path


def schema_path(name: str) -> Path:
    """A file in schemas/, such as `openapi.yaml`: part of the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    packaged = package / "schemas" / name
    return packaged if packaged.is_file() else package.parent / "schemas" / name
