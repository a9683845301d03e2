"""The workers of `serve`: they come back whenever they die, and stop without losing a request."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from support import DOCUMENTED, Serve, clean_environ, command
from traffic import connected, poll

from service.cli import supervisor
from service.cli.supervisor import LONGEST_STOP
from service.settings import Settings
from service.web.app import create_app

Start = Callable[..., Serve]


@pytest.mark.long
def test_an_idle_connection_does_not_keep_it_from_stopping(serve: Start) -> None:
    service = serve()
    with connected(service.url) as silent, connected(service.url) as idle:
        assert poll(idle)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() < began + LONGEST_STOP  # when a worker would be killed
        assert idle.recv(1) == silent.recv(1) == b""
    assert service.log == []


def test_workers_that_never_start_end_it_with_the_reason() -> None:
    script = """if True:
        import os
        from service.cli import supervisor
        from service.cli.listening import listening_address
        supervisor.run_workers(listening_address("127.0.0.1", 0), 2, lambda: os._exit(7), "ready")
    """
    start = [sys.executable, "-c", script]
    done = subprocess.run(start, env=clean_environ(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "[ERROR] Worker crash loop detected, exiting\n" in done.stderr
    assert "Traceback" not in done.stderr


#: The limit of open files, what it is set to, and how many connections a worker has then.
FILES = [(-1, 8326, 8192), (10_000, 8326, 8192), (1000, 1000, 866), (142, 142, 8)]


@pytest.mark.parametrize(("limit", "files", "connections"), FILES)
def test_few_files_mean_few_connections_and_a_line_in_the_log(
    limit: int, files: int, connections: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Mock()
    monkeypatch.setattr(supervisor.resource, "getrlimit", lambda _: (256, limit))
    monkeypatch.setattr(supervisor.resource, "setrlimit", limits)
    assert supervisor.most_connections(1) == connections
    limits.assert_called_once_with(supervisor.resource.RLIMIT_NOFILE, (files, limit))
    said = f"holds at most {connections} connections, not 8192: raise the limit of open files (ulimit -Hn) to 8326"
    assert (said in caplog.text) is (connections < 8192)


@pytest.mark.parametrize(("limit", "workers", "needed"), [(141, "1", "142"), (1000, "256", "1672")])
def test_too_few_files_are_refused_by_number_before_anything_is_started(
    limit: int, workers: str, needed: str, refused: Callable[..., str], short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor.resource, "getrlimit", lambda _: (limit, limit))
    said = refused("--workers", workers)
    assert said.startswith(f"{needed} open files are needed to serve with {workers} worker")
    assert said.endswith(f", and the limit (ulimit -Hn) is {limit}: raise it.\n")
    assert not (short_dir / "var").exists()


@pytest.mark.long
def test_as_few_files_as_are_needed_do(short_dir: Path) -> None:
    settings = {"DATA_DIR": str(short_dir / "var"), "REGISTRY_FILE": str(DOCUMENTED)}
    start = ["sh", "-c", 'ulimit -n 208; exec "$@"', "sh", *command("serve", "--port", "0", "--workers", "12")]
    with subprocess.Popen(start, env=clean_environ(**settings), stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout and process.stdout.readline().startswith("Serving on")
        process.terminate()


def test_secrets_are_taken_out_of_the_environment() -> None:
    secrets = {"SECRET_KEY": "k" * 32, "SECRET_KEY_FALLBACKS": "f" * 32, "REDIS_URL": "redis://:p@x:1"}
    environ = {**secrets, "CACHE_MAX_AGE": "5"}
    assert Settings.taken_from(environ) == Settings.from_env({**secrets, "CACHE_MAX_AGE": "5"})
    assert environ == {"CACHE_MAX_AGE": "5"}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to look into")
def test_the_store_gets_no_environment_and_so_no_secret(running: Serve) -> None:
    assert Path(f"/proc/{running.store}/environ").read_bytes() == b""


def test_an_application_by_itself_leaves_no_secret_in_the_environment(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a hidden key of 24 bytes")
    monkeypatch.setenv("REDIS_URL", f"{valkey_url}?hidden")
    monkeypatch.setenv("REGISTRY_FILE", str(DOCUMENTED))
    create_app().extensions["module_registry"].client.close()
    assert "hidden" not in str(os.environ)
