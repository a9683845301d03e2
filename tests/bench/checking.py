"""(e) `module-registry check` beside check-jsonschema, on the same file and schema, each as a process of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from statistics import median

from bench.documents import REGISTRY
from bench.errors import Wrong
from bench.load import ratio
from bench.measuring import Bench
from bench.servers import installed_command, on_core
from bench.table import Row
from support import REPOSITORY, clean_environ

_SCHEMA = REPOSITORY / "schemas" / "registry.schema.json"


def measure(bench: Bench) -> None:
    """Fill in the line of part (e)."""
    ours = [installed_command("module-registry"), "check", str(REGISTRY)]
    other = [installed_command("check-jsonschema"), "--schemafile", str(_SCHEMA), str(REGISTRY)]
    commands = {"ours": _timed(bench, ours), "check-jsonschema": _timed(bench, other)}
    took = bench.turns("check, s", commands)
    beside = took["check-jsonschema"]
    times = median(took["ours"]), median(beside), ratio(beside, took["ours"])
    bench.add(Row("check registry.yaml", *times, name="check-jsonschema", unit="s", target=1.0))


def _timed(bench: Bench, command: list[str]) -> Callable[[], float]:
    """A function that runs a command and says how many seconds it took. It raises Wrong if the command fails."""

    def run() -> float:
        began = time.perf_counter()
        ended = subprocess.run(
            command,
            env=clean_environ(),
            capture_output=True,
            text=True,
            start_new_session=True,
            preexec_fn=on_core(bench.cores.server),
            timeout=60,
        )
        took = time.perf_counter() - began
        if ended.returncode:
            raise Wrong(f"{command} ends with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return took

    return run
