"""(e) `module-registry check` beside check-jsonschema, on the same file and schema, each as a process of its own.

And how long after an edit of it an editor has the diagnostics.
"""

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
from lsp.editor import editor
from support import REPOSITORY, clean_environ

_SCHEMA = REPOSITORY / "schemas" / "registry.schema.json"


def measure(bench: Bench) -> None:
    """Fill in the lines of part (e)."""
    ours = [installed_command("module-registry"), "check", str(REGISTRY)]
    other = [installed_command("check-jsonschema"), "--schemafile", str(_SCHEMA), str(REGISTRY)]
    commands = {"ours": _timed(bench, ours), "check-jsonschema": _timed(bench, other)}
    took = bench.turns("check, s", commands)
    beside = took["check-jsonschema"]
    times = median(took["ours"]), median(beside), ratio(beside, took["ours"])
    bench.add(Row("check registry.yaml", *times, name="check-jsonschema", unit="s", target=1.0))
    bench.add(Row("check registry.yaml", median(took["ours"]), unit="s", target=0.2))
    took = bench.turns("editor, ms", {"ours": lambda: _edits(bench)})
    bench.add(Row("diagnostics after an edit", median(took["ours"]), name="registry.yaml", unit="ms", target=50.0))


def _edits(bench: Bench) -> float:
    """The median of how many milliseconds after each of 50 edits the client of a language server has its problems."""
    program = ["taskset", "-c", str(bench.cores.server), installed_command("module-registry"), "lsp"]
    text, took = REGISTRY.read_text("utf-8"), []
    with editor(program=program) as session:
        uri = session.open(text)
        session.problems(uri)
        for number in range(1, 51):
            began = time.perf_counter()
            session.change(uri, f"{text}# {number}\n")
            while len(session.diagnostics[uri]) <= number:
                time.sleep(0.0002)
            took.append(time.perf_counter() - began)
    return median(took) * 1000


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
