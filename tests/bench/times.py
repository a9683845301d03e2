"""What takes time once: (d) a start, and the memory then; (e) a check, and an edit; (g) what people want."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import redis
import yaml
from bench import servers
from bench.measuring import Bench, Wrong, ask, expect
from bench.rates import polls, service
from bench.servers import REGISTRY, SECRET_KEY, Votes, program
from clusters import free_ports
from lsp.editor import editor
from support import REPOSITORY, children, clean_environ, session_cookie

from service.interest.keys import trend_key
from service.registry.loading.loader import load as load_registry

VOTES, MODULES = 1_000_000, 10_000
#: Over how many days the votes have come, and how often their page is asked for.
_DAYS, _TIMES = 365, 30


def measure_start(bench: Bench) -> None:
    """Fill in the lines of part (d)."""
    with servers.store(bench) as redis_url:
        took = bench.turns("start-up, s", {"ours": lambda: _start(bench, redis_url)})
    bench.add("serve to the first ready answer", median(took["ours"]), unit="s", target=0.7)
    votes = Votes(load_registry(REGISTRY).allowed_features)
    with service(bench, "memory", votes) as running:
        _tell_memory(bench, "after start", running.pid)
        loads = {"registry": polls(bench, "serve", running.url)[200], "features": running.reads, "votes": running.votes}
        bench.race("load before memory", loads)
        _tell_memory(bench, "after load", running.pid)


def _start(bench: Bench, redis_url: str) -> float:
    """Seconds from the start of `serve` to the first 200 of /readyz."""
    [port] = free_ports(1)

    def ready(_: Path) -> bool:
        with suppress(Wrong):  # it accepts, and does not serve yet
            return servers.accepts(port) and ask(f"http://127.0.0.1:{port}", "/readyz").status == 200
        return False

    began = time.perf_counter()
    with servers.serve(bench, "start", redis_url, port=port, is_up=ready):
        return time.perf_counter() - began


def _tell_memory(bench: Bench, when: str, pid: int) -> None:
    """A worker's share of memory, and that of the main process."""
    for name, pids in {"worker": children(pid), "main process": {pid}}.items():
        size = sum(map(memory, pids))
        bench.report.rounds.setdefault(f"memory {when}, MiB", {})[name] = [size]
        bench.add(f"memory of the {name}, {when}", size, unit="MiB")


def memory(pid: int) -> float:
    """The memory of a process, in MiB, of which what it shares counts in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measure_check(bench: Bench) -> None:
    """Fill in the lines of part (e): each command as a process of its own, on the same file and schema."""
    schema = str(REPOSITORY / "schemas" / "registry.schema.json")
    commands = {
        "ours": _timed(bench, program("module-registry"), "check", str(REGISTRY)),
        "check-jsonschema": _timed(bench, program("check-jsonschema"), "--schemafile", schema, str(REGISTRY)),
    }
    ours, beside = bench.turns("check, s", commands).values()
    bench.compare("check registry.yaml", ours, beside, name="check-jsonschema", unit="s", target=1.0)
    bench.add("check registry.yaml", median(ours), unit="s", target=0.2)
    [took] = bench.turns("editor, ms", {"ours": lambda: _edits(bench)}).values()
    # The language server waits 100 ms of them for more to be typed.
    bench.add("diagnostics after an edit", median(took), name="registry.yaml", unit="ms", target=150.0)


def _timed(bench: Bench, *command: str) -> Callable[[], float]:
    """A function that runs a command and says how many seconds it took. It raises Wrong if the command fails."""

    def run() -> float:
        began = time.perf_counter()
        line = bench.on_core(*command)
        ended = subprocess.run(line, env=clean_environ(), capture_output=True, text=True, timeout=60)
        took = time.perf_counter() - began
        if ended.returncode:
            raise Wrong(f"{command} ends with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return took

    return run


def _edits(bench: Bench) -> float:
    """The median of how many milliseconds after each of 50 edits the client of a language server has its problems."""
    text, took = REGISTRY.read_text("utf-8"), []
    with editor(program=bench.on_core(program("module-registry"), "lsp")) as session:
        uri = session.open(text)
        session.problems(uri)
        for number in range(1, 51):
            began = time.perf_counter()
            session.change(uri, f"{text}# {number}\n")
            while len(session.diagnostics[uri]) <= number:
                time.sleep(0.0002)
            took.append(time.perf_counter() - began)
    return median(took) * 1000


def measure_insights(bench: Bench) -> None:
    """Fill in the lines of part (g): of many votes and modules, and of few."""
    large = bench.folder / "large.yaml"
    document = yaml.load(REGISTRY.read_text(encoding="utf-8"), yaml.CSafeLoader)
    document["modules"] += [
        {"slug": f"module_{n}", "category": "tools", "label": {"fr": f"Module {n}", "en": f"Module {n}"}}
        | {"api_endpoint": f"/api/module-{n}"}
        for n in range(MODULES - len(document["modules"]))
    ]
    large.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
    for registry, votes in ((large, VOTES), (REGISTRY, VOTES), (REGISTRY, 1_000)):
        name = f"what people want: {votes:,} votes{f', {MODULES:,} modules' if registry is large else ''}"
        took = _page(bench, registry, votes)
        bench.report.rounds[f"{name}, ms"] = {"ours": took}
        remark = f"slowest of {_TIMES}: {max(took):.0f} ms"
        bench.add(name, median(took), name=remark, unit="ms", target=100)


def _page(bench: Bench, registry: Path, votes: int) -> list[float]:
    """How long each answer but the first took, from the request to the last byte, in milliseconds."""
    with servers.store(bench, f"store-{registry.stem}-{votes}") as url:
        client = redis.Redis.from_url(url, decode_responses=True)
        servers.add_accounts(client, "admin", role="admin")
        features, today = load_registry(registry).allowed_features, datetime.now(UTC).date()
        days = [(today - timedelta(days=ago)).isoformat() for ago in range(_DAYS)]
        of_each = votes // len(features)
        for feature in features:
            servers.add_voters(client, feature, of_each)
            client.hset(trend_key(feature), mapping=dict.fromkeys(days, of_each // _DAYS))
        cookie, took = session_cookie(SECRET_KEY, "admin"), []
        with servers.serve(bench, "insights", url, registry) as ours:
            for _ in range(1 + _TIMES):
                began = time.perf_counter()
                expect(ask(ours.url, "/en/admin/insights", Cookie=cookie), 200)
                took.append((time.perf_counter() - began) * 1000)
        return took[1:]
