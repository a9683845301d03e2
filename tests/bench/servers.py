"""The processes that a benchmark needs, the server on its core, and ended with it; and the accounts that vote."""

import grp
import os
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import redis
from bench.measuring import Bench, Request, Wrong
from clusters import free_ports
from support import DEADLINE, REPOSITORY, Store, clean_environ, connect, empty, session_cookie

from service.accounts.store import account_key
from service.interest.keys import interest_key

REGISTRY = REPOSITORY / "registry.yaml"
SECRET_KEY = "the secret key of a benchmark"
ACCOUNTS = [f"bench-{number:03}" for number in range(200)]
#: Each is Debian's package, too.
_TOOLS = ("wrk", "nginx")
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])  # where Debian has nginx
#: Members that one command adds.
_CHUNK = 10_000


class Running(NamedTuple):
    """A server that answers."""

    url: str
    pid: int


def program(name: str) -> str:
    """The path of a program that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def lack() -> str:
    """What this machine lacks, and how to get it; empty where that is nothing."""
    if len(os.sched_getaffinity(0)) < 2:
        return "Two cores are needed, one for the server and one for the load; this machine offers one."
    if not all(Path(program(name)).exists() for name in ("module-registry", "check-jsonschema")):
        return f"Not all is installed beside {sys.executable}; `make bench` installs what is needed."
    if missing := [name for name in _TOOLS if shutil.which(name, path=_PATH) is None]:
        return f"Not installed: {', '.join(missing)}. On Debian: apt-get install {' '.join(missing)}"
    return ""


def raise_file_limit() -> None:
    """Let this process, and those that it starts, open as many connections as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def process(
    bench: Bench, name: str, command: Sequence[str], is_up: Callable[[Path], object], **settings: str
) -> Iterator[Running]:
    """Run a command on the server's core until the end of the block, once what it prints, or so, says that it is up."""
    log = bench.folder / f"{name}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            bench.on_core(*command),
            cwd=REPOSITORY,
            env=clean_environ(**{"PATH": _PATH} | settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the benchmark alone, which then ends its servers
        )
    try:
        deadline = time.monotonic() + DEADLINE
        while not is_up(log):
            if child.poll() is not None or time.monotonic() > deadline:
                last_words = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise Wrong(f"{child.args!r} does not come up:\n{last_words}")
            time.sleep(0.002)
        yield Running((log.read_text(errors="replace").split() + [""] * 3)[2], child.pid)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # its workers with it; nothing that they hold is needed any more
        child.wait()


def _says_so(log: Path) -> bool:
    return log.read_text(errors="replace").startswith("Serving on ")


def serve(
    bench: Bench,
    name: str,
    redis_url: str,
    registry: Path = REGISTRY,
    port: int = 0,
    is_up: Callable[[Path], object] = _says_so,
    **settings: str,
) -> AbstractContextManager[Running]:
    """`module-registry serve` with one worker; accounts have limits, as for people, which no load here reaches."""
    command = [program("module-registry"), "serve", "--port", str(port), "--workers", "1"]
    usual = {"VOTE_BURST": "1000000", "VOTE_RATE": "100", "FEEDBACK_BURST": "1000000", "FEEDBACK_RATE": "100"}
    usual |= {"REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY, "REGISTRY_FILE": str(registry)}
    return process(bench, name, command, is_up, **usual | settings)


def bare(bench: Bench, kind: str, *arguments: str) -> AbstractContextManager[Running]:
    """One of bench.bare: `wsgi` with a file, or `plain` with the URL of a store and a registry."""
    python_path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
    command = [sys.executable, "-m", "bench.bare", kind, *arguments]
    return process(bench, kind, command, _says_so, PYTHONPATH=python_path, SECRET_KEY=SECRET_KEY)


def bare_wsgi(bench: Bench, body: bytes) -> AbstractContextManager[Running]:
    """The floor, which answers with these bytes."""
    file = bench.folder / "bare.body"
    file.write_bytes(body)
    return bare(bench, "wsgi", str(file))


def nginx(bench: Bench, path: str, body: bytes) -> AbstractContextManager[Running]:
    """nginx in one process and without access log, serving one file at `path`."""
    root = bench.folder / "root"
    file = root / path.lstrip("/")
    file = file / "index.html" if path.endswith("/") else file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    # Its quickest way with a small file: kept open, and no sendfile.
    return _nginx(bench, "nginx", "open_file_cache max=10;", f"root {root}; default_type application/json;")


@contextmanager
def published(bench: Bench) -> Iterator[Running]:
    """The same with what is published, by the configuration that is written with it."""
    path, nginx = bench.folder / "published", bench.folder / "published" / "nginx"
    command = [program("module-registry"), "publish", str(path)]
    subprocess.run(command, env=clean_environ(REGISTRY_FILE=str(REGISTRY)), check=True, capture_output=True)
    with _nginx(bench, "files", f"include {nginx}/http.conf;", f"include {nginx}/server.conf;") as running:
        yield running


@contextmanager
def _nginx(bench: Bench, name: str, http: str, server: str) -> Iterator[Running]:
    folder = bench.folder / f"{name}.d"
    folder.mkdir(exist_ok=True)
    me = pwd.getpwuid(os.getuid())
    # Started by root it would become nobody, who may not read this folder.
    user = f"user {me.pw_name} {grp.getgrgid(me.pw_gid).gr_name};" if me.pw_uid == 0 else ""
    [port] = free_ports(1)
    text = Path(__file__).with_name("nginx.conf").read_text("utf-8")
    filled = {"USER": user, "HTTP": http, "SERVER": server, "FOLDER": folder, "PORT": port}
    for gap, value in filled.items():
        text = text.replace(gap, str(value))
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-e", str(folder / "nginx.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with process(bench, name, command, lambda _: accepts(port)) as running:
        yield running._replace(url=f"http://127.0.0.1:{port}")


def accepts(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def store(bench: Bench, name: str = "store") -> Iterator[str]:
    """A store as `serve` embeds it, on this process's core; its URL."""
    made = Store(bench.folder / name)
    try:
        with closing(connect(made.url)) as client:
            empty(client)  # of the form that the service knows, whatever is written by hand
        yield made.url
    finally:
        made.stop()


@cache
def cookies() -> dict[str, str]:
    """A session of each account, as the platform signs it."""
    return {account: session_cookie(SECRET_KEY, account) for account in ACCOUNTS}


def add_accounts(client: redis.Redis, *accounts: str, role: str = "member") -> None:
    """Make accounts, active."""
    pipeline = client.pipeline(transaction=False)
    for account in accounts:
        pipeline.hset(account_key(account), mapping={"status": "active", "role": role, "name": account})
    pipeline.execute()


def add_voters(client: redis.Redis, feature: str, count: int) -> None:
    """Store this many votes of other people on a feature."""
    for start in range(0, count, _CHUNK):
        client.sadd(interest_key(feature), *(f"voter-{n:07}" for n in range(start, min(start + _CHUNK, count))))


def vote_path(feature: str) -> str:
    """Where a feature is voted for."""
    return f"/api/features/{feature}/interest"


class Votes:
    """Every account's vote for every feature, in an order by chance: half of them are there before it begins."""

    def __init__(self, features: Sequence[str]) -> None:
        self.pairs = [(account, feature) for account in ACCOUNTS for feature in features]
        Random(0).shuffle(self.pairs)
        self._half = len(self.pairs) // 2

    def requests(self) -> list[Request]:
        """Votes and retractions in turn. Sent in a circle, each of them changes something."""
        opposite = self.pairs[self._half :] + self.pairs[: self._half]
        return [
            Request(method, vote_path(feature), cookies()[account])
            for pairs in zip(self.pairs, opposite, strict=True)
            for method, (account, feature) in zip(("POST", "DELETE"), pairs, strict=True)
        ]

    def store(self, client: redis.Redis) -> None:
        """Make the accounts, and the votes that are there at first."""
        add_accounts(client, *ACCOUNTS)
        pipeline = client.pipeline(transaction=False)
        for account, feature in self.pairs[self._half :]:
            pipeline.sadd(interest_key(feature), account)
        pipeline.execute()
