"""What tests share: waiting for a condition, and running the real service, or a store, in a process of its own."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from threading import Lock, Thread
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click
import pytest
import yaml
from click.testing import CliRunner
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from redis import Redis

from service.accounts.model import Account
from service.accounts.sessions import Caller
from service.accounts.store import add
from service.audit.model import Actor
from service.audit.store import AUDIT_KEYS
from service.cli import main
from service.feedback import keys as feedback_keys
from service.interest import keys as interest_keys
from service.settings.redis_url import RedisUrl
from service.settings.settings import NAMES
from service.storage import embedded
from service.storage.client import Client
from service.storage.data_dir import prepare, socket_path, store_url
from service.storage.form import FORM_KEY, VERSION
from service.storage.script import Script
from service.storage.writes import confirmation_commands

T = TypeVar("T")


def table(test: str, name: str) -> Any:
    """A table of examples: a file in YAML, of some name, beside a test."""
    return yaml.load(Path(test).with_name(name).read_bytes(), yaml.CSafeLoader)


def replace_once(text: str, edits: Iterable[Sequence[str]], where: str = "the text") -> str:
    """Replace pieces of a text. Each must be in it exactly once, at its turn."""
    for old, new in edits:
        count = text.count(old)
        assert count == 1, f"{old!r} is in {where} {count} times, not once"
        text = text.replace(old, new)
    return text


#: Who acts in tests where it does not matter who.
OPERATOR = Actor.command_line("tests")

#: Token buckets, which are full again at any moment.
BUCKETS = {interest_keys.BUCKETS_KEY, feedback_keys.BUCKETS_KEY}


def acting(caller: Caller | None) -> Actor:
    """Who acts where a caller does, or else a command."""
    return Actor.account(*caller) if caller else OPERATOR


#: The platform, which signs sessions in tests. Made once: an app that is made in one of many threads now and then ends
#: in an error of CPython 3.11 (its issue 106905).
PLATFORM = Flask("platform")
SIGNING = Lock()


@cache
def session_cookie(key: str, account_id: str) -> str:
    """The Cookie header of a session of the platform's, signed with its key."""
    with SIGNING:
        PLATFORM.secret_key = key
        signer = SecureCookieSessionInterface().get_signing_serializer(PLATFORM)
    assert signer
    return f"session={signer.dumps({'_user_id': account_id})}"


class AnyClient(Client):
    """The service's client, with all commands of redis-py beside its own."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._redis(), name)


def connect(url: str | RedisUrl, timeout: float = 5.0) -> AnyClient:
    """A client of the server at a URL."""
    return AnyClient(RedisUrl.parse(url) if isinstance(url, str) else url, timeout)


def empty(client: AnyClient) -> None:
    """Empty a store, which is of the form that the service knows from then on, whatever tests write."""
    client.flushdb()
    client.set(FORM_KEY, VERSION)


def everything(redis: Redis) -> dict[str, Any]:
    """All that the store holds, but for token buckets and the version of its form, which whoever looks may write."""
    readers = {
        "set": redis.smembers,
        "hash": redis.hgetall,
        "string": redis.get,
        "list": lambda key: redis.lrange(key, 0, -1),
        "stream": redis.xrange,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    kept = (key for key in redis.scan_iter() if key not in (*BUCKETS, FORM_KEY))
    return {key: readers[redis.type(key) if isinstance(key, str) else redis.type(key).decode()](key) for key in kept}


def without_audit(redis: Redis) -> dict[str, Any]:
    """All that is stored, but for what is recorded of admins."""
    return {key: value for key, value in everything(redis).items() if key not in AUDIT_KEYS}


def add_accounts(client: Client, *ids: str, status: str = "active", **fields: str) -> None:
    """Add accounts of some ids, which are active unless something else is said."""
    for account_id in ids:
        add(client, Account(account_id, status, **fields), by=OPERATOR)


_CHANGE = Script.load("interest/votes", "interest/change", returns=int)


def ago(days: int) -> str:
    """The day that was so many days ago."""
    return (datetime.now(UTC).date() - timedelta(days)).isoformat()


def vote(client: Client, feature: str, days: int, *voters: str, wanted: bool = True) -> None:
    """Have accounts want a feature, or not, from so many days ago on, as the trend has it; the votes have no day."""
    voted = [part for voter in voters for part in (voter, "", "")]
    client.run(_CHANGE, interest_keys.VOTES_KEYS, [int(wanted), feature, ago(days), *voted])


def socket_url(data_dir: Path) -> str:
    """The URL of a folder's store, as REDIS_URL has it."""
    return store_url(data_dir).urls[0]


REPOSITORY = Path(__file__).resolve().parent.parent

#: A registry that answers as the product documentation says. registry.yaml is for ops to edit, at any time.
DOCUMENTED = REPOSITORY / "tests" / "documented.yaml"

#: Debian's Chromium. The headless build comes first: it opens a page with a third of the processor, since the other one
#: makes a window that nobody sees. CHROMIUM names another, and forbids to skip where it does not start.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")

#: Generous: it only bounds how long a broken build takes to fail.
DEADLINE = 20.0


def wait_until(condition: Callable[[], T], timeout: float = DEADLINE) -> T:
    """Return the first true value of `condition`; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not true after {timeout:g} s"
        time.sleep(0.01)
    return value


def config_map_swap(file: Path, text: str) -> None:
    """Kubernetes: the file is a link through ..data, which is replaced by a link to a new folder."""
    version = file.parent / f"..{len(list(file.parent.iterdir()))}"
    version.mkdir()
    (version / file.name).write_text(text, encoding="utf-8")
    link = file.parent / "..data_tmp"
    link.symlink_to(version.name)
    link.replace(file.parent / "..data")
    if not file.is_symlink():
        file.unlink(missing_ok=True)
        file.symlink_to(Path("..data") / file.name)


def copy_checkout(folder: Path) -> None:
    """Copy the files of this checkout as they are now, committed or not."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)


def git(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, without what it sets for its hooks, in which these tests may run, and nobody's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ = {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **environ}
    return subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=300)


def commit(folder: Path) -> str:
    """Make a folder a git repository, with what is in it on its branch main; the id of the commit."""
    author = (["config", "user.name", "A"], ["config", "user.email", "a@example.org"])
    for arguments in (["init", "-q", "-b", "main"], *author, ["add", "."], ["commit", "-q", "-m", "The registry"]):
        git(folder, *arguments).check_returncode()
    return git(folder, "rev-parse", "HEAD").stdout.strip()


def clean_environ(**settings: str) -> dict[str, str]:
    """The environment without any setting of this service but the given ones."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {**kept, "PYTHONPATH": str(REPOSITORY), **settings}


#: What a process of this checkout runs, unless it is something else.
PROGRAM = "from service.cli import main; main(prog_name='module-registry')"


def command(*arguments: str, program: str = PROGRAM) -> list[str]:
    """The command line of `module-registry ARGUMENTS`, of this checkout."""
    return [sys.executable, "-c", program, *arguments]


CMARK = shutil.which("cmark-gfm")


def gfm(markdown: str, *options: str) -> str:
    """What GitHub's own program makes of Markdown: HTML, unless options say otherwise."""
    extensions = [
        part for name in ("table", "strikethrough", "autolink", "tagfilter", "tasklist") for part in ("-e", name)
    ]
    line = [str(CMARK), *extensions, *options]
    return subprocess.run(line, input=markdown, capture_output=True, encoding="utf-8", check=True).stdout


def leaves(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that is no group, with the words that lead to it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below and below.get_short_help_str()
        yield from leaves(below, (*path, name))


def run(
    *arguments: str, stdin: str | bytes = "", folder: Path = REPOSITORY, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `module-registry ARGUMENTS` in a folder to its end, in this process; settings are environment variables."""
    environ = {**dict.fromkeys(NAMES & os.environ.keys()), **settings}
    # Without the handlers of pytest, what is logged goes to standard error, as it does for people.
    with chdir(folder), patch.object(logging.root, "handlers", []):
        result = CliRunner().invoke(main, arguments, input=stdin, env=environ, prog_name="module-registry")
    if not isinstance(result.exception, SystemExit | None):
        raise result.exception
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def run_process(
    *arguments: str, stdin: str = "", folder: Path = REPOSITORY, program: str = PROGRAM, shell: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, for what is about signals, streams, locks or several at once.

    `shell` is what a shell does instead, for which `"$@"` is the command line.
    """
    line = command(*arguments, program=program)
    line = [shutil.which("bash") or "sh", "-c", shell, "sh", *line] if shell else line
    environ = clean_environ(**more)
    return subprocess.run(line, input=stdin, cwd=folder, env=environ, capture_output=True, encoding="utf-8", timeout=60)


def confirmed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server wait 50 ms for who confirms a write, and its client as long for an answer as it does."""
    monkeypatch.setattr(
        "service.storage.client.confirmation_commands",
        lambda durability, timeout: confirmation_commands(durability, 0.1),
    )


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], object], context: SSLContext | None = None) -> Iterator[int]:
    """The port of a server on loopback that answers each GET and POST so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # of a client that has had enough of waiting
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def is_alive(pid: int) -> bool:
    """Whether the process runs (one that has ended but was not waited for does not)."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def children(pid: int) -> set[int]:
    """The processes that `pid` has started."""
    pids = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                pids.add(int(stat.parent.name))
    return pids


@dataclass
class Serve:
    """A `module-registry serve` in a process (and process group) of its own."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    stdout: Path
    stderr: Path
    url: str = ""

    @property
    def store(self) -> int | None:
        """The process id of the embedded store; None if it is not there."""
        return listening_process(self.data_dir) if self.data_dir.is_dir() else None

    @property
    def workers(self) -> set[int]:
        """The process ids of the workers."""
        return children(self.process.pid) - {self.store}

    @property
    def log(self) -> list[str]:
        """What it has logged, a line each, but for the one that says that it has stopped."""
        return [line for line in self.stderr.read_text().splitlines() if "[INFO] The workers have stopped." not in line]

    def started(self, timeout: float = DEADLINE) -> Serve:
        """Wait so many seconds for the line that says where it serves."""

        def line() -> str | None:
            assert self.process.poll() is None, self.stderr.read_text()
            text = self.stdout.read_text()
            return text if text.endswith("\n") else None

        self.url = wait_until(line, timeout).partition("Serving on ")[2].split()[0]
        return self

    @property
    def port(self) -> str:
        """Where it serves."""
        return self.url.rpartition(":")[2]

    def listens(self) -> bool:
        """Whether somebody takes a connection there."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.port))) == 0

    def ask(self, method: str, path: str, **headers: str) -> int:
        """The status of one request's answer."""
        request = Request(f"{self.url}{path}", method=method, headers=headers)
        try:
            with urlopen(request, timeout=DEADLINE) as response:
                return int(response.status)
        except HTTPError as error:
            return error.code

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)

    def kill(self) -> None:
        """kill -9 of the main process alone."""
        self.process.kill()
        self.process.wait(DEADLINE)

    def clean_up(self) -> None:
        """End whatever is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # its workers too, should they outlive it
        self.process.wait(DEADLINE)
        if store := self.store:
            kill_and_wait(store)


def wait_for_workers(serve: Serve, count: int) -> set[int]:
    """The process ids of all its workers: it says that it serves when the first of them does."""
    return wait_until(lambda: workers if len(workers := serve.workers) == count else set())


def wait_until_all_listen(serve: Serve, workers: int) -> None:
    """Until each worker has made what it serves: it listens then, on a socket of its own."""
    listening = rf": \w+:{int(serve.port):04X} \w+:0000 0A "
    wait_until(lambda: len(re.findall(listening, Path("/proc/net/tcp").read_text())) == workers)


def launch(folder: Path, data_dir: Path, *arguments: str, **settings: str) -> Serve:
    """Start `module-registry serve ARGUMENTS` on a free port with one worker, unless they say otherwise.

    What it prints goes into files of `folder`. Settings are environment variables. It is not waited for.
    """
    number = sum(1 for _ in folder.glob("*.stdout"))
    outputs = [folder / f"{number}.{name}" for name in ("stdout", "stderr")]
    # What a process that is killed leaves in its temporary folder goes with that of the test.
    defaults = {"DATA_DIR": str(data_dir), "REGISTRY_FILE": str(DOCUMENTED), "TMPDIR": str(folder)}
    port = () if "--port" in arguments else ("--port", "0")
    workers = () if "--workers" in arguments else ("--workers", "1")
    with outputs[0].open("wb") as stdout, outputs[1].open("wb") as stderr:
        process = subprocess.Popen(
            command("serve", *port, *workers, *arguments),
            cwd=REPOSITORY,
            env=clean_environ(**(defaults | settings)),
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    return Serve(process, data_dir, *outputs)


def kill_and_wait(pid: int) -> None:
    """kill -9, and return when the process is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid))


def listening_process(data_dir: Path) -> int | None:
    """The process that listens in a folder, as the kernel says, also where it is suspended; None if there is none."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(socket_path(data_dir))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[0])


class Store:
    """A store of one test's own, which can be stopped, started and suspended."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        prepare(data_dir)
        self.url = socket_url(data_dir)
        self.start()

    def start(self) -> None:
        self.process = embedded.start(self.data_dir)

    def stop(self) -> None:
        self.signal(signal.SIGCONT)
        embedded.stop(self.process)

    close = stop

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
