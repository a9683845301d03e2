"""`module-registry schema`."""

from __future__ import annotations

from support import REPOSITORY, run


def test_it_prints_the_published_schema_byte_for_byte() -> None:
    done = run("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.encode() == (REPOSITORY / "schemas/registry.schema.json").read_bytes()
