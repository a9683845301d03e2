"""The processes that a benchmark needs, each on its core, and ended with it."""

from __future__ import annotations

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
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.errors import SIGNALS, Unusable, Wrong
from clusters import free_ports
from support import DEADLINE, REPOSITORY, clean_environ, socket_url

from service.cli.signals import put_off
from service.storage import server
from service.storage.data_dir import prepare

if TYPE_CHECKING:
    from bench.measuring import Bench

SECRET_KEY = "the secret key of a benchmark"
#: Each is Debian's package, too.
TOOLS = ("wrk", "nginx")


class Cores(NamedTuple):
    """Which core the server has to itself, and which one the load shares with Redis."""

    server: int
    load: int

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The first two that this process may use. Raises Unusable if it may use only one."""
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            raise Unusable("Two cores are needed, one for the server and one for the load; this machine offers one.")
        return cls(*allowed[:2])


class Running(NamedTuple):
    """A server that answers."""

    url: str
    pid: int


def find_tools() -> None:
    """Raise Unusable, naming the packages, for tools that are not installed."""
    for command in ("module-registry", "check-jsonschema"):
        installed_command(command)
    missing = [name for name in TOOLS if shutil.which(name, path=_search_path()) is None]
    if missing:
        raise Unusable(f"Not installed: {', '.join(missing)}. On Debian: apt-get install {' '.join(missing)}")


def installed_command(name: str) -> str:
    """The path of a command that is installed beside this Python. Raises Unusable if it is not there."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise Unusable(f"{name} is not installed beside {sys.executable}; `make bench` installs what is needed.")
    return str(path)


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])  # where Debian has nginx


def raise_file_limit() -> None:
    """Let this process, and those that it starts, open as many connections as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def on_core(core: int) -> Callable[[], None]:
    """What a child calls before it becomes its program, to stay on one core."""
    return partial(os.sched_setaffinity, 0, {core})


@contextmanager
def process(command: Sequence[str], core: int, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command on one core, and end it and all that it has started with the block."""
    child = None
    try:
        with log.open("wb") as output, put_off(SIGNALS):
            child = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=clean_environ(**{"PATH": _search_path()} | settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the benchmark alone, which then ends its servers
                preexec_fn=on_core(core),
            )
        yield child
    finally:
        if child is not None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # its workers with it; nothing that they hold is needed any more
            child.wait()


def wait_for(condition: Callable[[], object], child: subprocess.Popen[bytes], log: Path, step: float = 0.01) -> None:
    """Wait until `condition` holds. Raises Wrong, with the log, if the process ends or takes too long."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if child.poll() is not None or time.monotonic() > deadline:
            last_words = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise Wrong(f"{child.args!r} does not come up:\n{last_words}")
        time.sleep(step)


@contextmanager
def granian(command: Sequence[str], core: int, log: Path, **settings: str) -> Iterator[Running]:
    """A server that prints "Serving on URL" when it does."""
    with process(command, core, log, **settings) as child:
        wait_for(lambda: log.read_text(errors="replace").startswith("Serving on "), child, log)
        yield Running(log.read_text().split()[2], child.pid)


def serve_command(port: int = 0) -> list[str]:
    """The command line of `module-registry serve` with one worker."""
    return [installed_command("module-registry"), "serve", "--port", str(port), "--workers", "1"]


def serve_settings(redis_url: str, registry: Path) -> dict[str, str]:
    """The settings of `serve` on an external Redis: accounts have limits, as for people, which no load here reaches."""
    limits = {"VOTE_BURST": "1000000", "VOTE_RATE": "100", "FEEDBACK_BURST": "1000000", "FEEDBACK_RATE": "100"}
    return {"REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY, "REGISTRY_FILE": str(registry)} | limits


def serve(bench: Bench, name: str, redis_url: str, registry: Path, **settings: str) -> AbstractContextManager[Running]:
    """`module-registry serve` on the server's core; settings are those that it shall have beside the usual ones."""
    settings = serve_settings(redis_url, registry) | settings
    return granian(serve_command(), bench.cores.server, bench.folder / f"{name}.log", **settings)


@contextmanager
def bare(kind: str, folder: Path, core: int, registry: bytes, features: bytes) -> Iterator[Running]:
    """A baseline of bench.bare, which answers with these bytes."""
    files = folder / "registry.body", folder / "features.body"
    for file, body in zip(files, (registry, features), strict=True):
        file.write_bytes(body)
    python_path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
    command = [sys.executable, "-m", "bench.bare", kind, *map(str, files)]
    with granian(command, core, folder / f"{kind}.log", PYTHONPATH=python_path) as running:
        yield running


@contextmanager
def nginx(folder: Path, core: int, path: str, body: bytes) -> Iterator[Running]:
    """nginx with one worker and no access log, serving one file at `path`."""
    file = folder / "root" / path.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(body)
    me = pwd.getpwuid(os.getuid())
    # Started by root it would become nobody, who may not read this folder.
    user = f"user {me.pw_name} {grp.getgrgid(me.pw_gid).gr_name};" if me.pw_uid == 0 else ""
    [port] = free_ports(1)
    configuration, log = folder / "nginx.conf", folder / "nginx.out"
    text = Path(__file__).with_name("nginx.conf").read_text("utf-8")
    for name, value in {"USER": user, "FOLDER": folder, "PORT": port}.items():
        text = text.replace(name, str(value))
    configuration.write_text(text)
    command = ["nginx", "-e", str(folder / "nginx.log"), "-p", str(folder), "-c", str(configuration)]
    with process(command, core, log) as child:
        wait_for(lambda: accepts(port), child, log)
        yield Running(f"http://127.0.0.1:{port}", child.pid)


def accepts(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def valkey(data_dir: Path) -> Iterator[str]:
    """A store as `serve` embeds it, on this process's core; its URL."""
    prepare(data_dir)
    started = None
    try:
        with put_off(SIGNALS):
            started = server.start(data_dir)
        yield socket_url(data_dir)
    finally:
        if started is not None:
            server.stop(started)
