"""(d) How long `serve` takes until it answers, and how much memory a worker has."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from bench import servers
from bench.asking import ask
from bench.documents import REGISTRY, polls
from bench.errors import Wrong
from bench.interest import service
from bench.measuring import Bench
from bench.table import Row
from bench.voters import Votes
from clusters import free_ports
from support import children

from service.registry.loading import load as load_registry

#: Pause between two looks, in seconds.
_LOOK_INTERVAL = 0.002


def measure(bench: Bench) -> None:
    """Fill in the lines of part (d)."""
    with servers.valkey(bench.folder / "store") as redis_url:
        took = bench.turns("start-up, s", {"ours": lambda: _start(bench, redis_url)})
    bench.add(Row("serve to the first ready answer", median(took["ours"]), unit="s", target=0.7))
    _memory(bench)


def _start(bench: Bench, redis_url: str) -> float:
    """Seconds from the start of `serve` to the first 200 of /readyz."""
    [port] = free_ports(1)
    log = bench.folder / "start.log"
    settings = servers.serve_settings(redis_url, REGISTRY)

    def ready() -> bool:
        if not servers.accepts(port):
            return False
        with suppress(Wrong):  # it accepts, and does not serve yet
            return ask(f"http://127.0.0.1:{port}", "/readyz").status == 200
        return False

    began = time.perf_counter()
    with servers.process(servers.serve_command(port), bench.cores.server, log, **settings) as child:
        servers.wait_for(ready, child, log, _LOOK_INTERVAL)
        return time.perf_counter() - began


def _memory(bench: Bench) -> None:
    """A worker's share of memory, and that of the main process, before and after load on every route."""
    votes = Votes(load_registry(REGISTRY).allowed_features)
    with service(bench, "memory", votes) as running:

        def look(when: str) -> None:
            processes = {"worker": children(running.pid), "main process": {running.pid}}
            found = {name: [sum(map(memory, pids))] for name, pids in processes.items()}
            bench.report.rounds[f"memory {when}, MiB"] = found
            for name, (size,) in found.items():
                bench.add(Row(f"memory of the {name}, {when}", size, unit="MiB"))

        look("after start")
        loads = {"registry": polls(bench, "serve", running.url)[0], "features": running.reads, "votes": running.votes}
        bench.rates("load before memory", loads)
        look("after load")


def memory(pid: int) -> float:
    """The memory of a process, in MiB. What it shares counts in part, or in full where the kernel does not tell."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        wanted = "Pss:"
    except OSError:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        wanted = "VmRSS:"
    return next(int(line.split()[1]) for line in lines if line.startswith(wanted)) / 1024
