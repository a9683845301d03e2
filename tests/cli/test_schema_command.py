"""`module-registry schema`."""

from __future__ import annotations

import subprocess

from support import REPOSITORY, clean_environ, command


def test_it_prints_the_published_schema_byte_for_byte() -> None:
    done = subprocess.run(command("schema"), env=clean_environ(), capture_output=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout == (REPOSITORY / "schemas/registry.schema.json").read_bytes()
    assert done.stderr == b""
