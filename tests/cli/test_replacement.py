"""SIGUSR2 to `serve`: each worker is replaced by a new one while it serves, and no request is lost by that."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support import DEADLINE, DOCUMENTED, AnyClient, Serve, wait_for_workers, wait_until
from traffic import KEY, Fate, connected, enrol, fates, lost_votes, poll, traffic

from service.cli.worker import LONGEST_LEAVE, LONGEST_STOP

Start = Callable[..., Serve]

#: How often all workers are replaced under load.
REPLACEMENTS = int(os.environ.get("REPLACEMENTS", "2"))
#: How long a connection may say nothing while its worker is replaced, in seconds: longer than a stop waits for it.
SILENCE = 3.0


def said(serve: Serve, line: str) -> int:
    """How often its log says something so far."""
    return len(re.findall(line, serve.stderr.read_text()))


def replace(serve: Serve) -> None:
    """Replace all workers, and return when it is done."""
    ended = r"\[INFO\] Replaced \d workers? in "
    before, longest = said(serve, ended), len(serve.workers) * (LONGEST_LEAVE + LONGEST_STOP)
    os.kill(serve.process.pid, signal.SIGUSR2)
    wait_until(lambda: said(serve, ended) > before, longest + DEADLINE)


def test_it_replaces_its_workers_and_keeps_them_where_new_ones_do_not_serve(serve: Start, short_dir: Path) -> None:
    registry = short_dir / "registry.yaml"
    registry.write_text(DOCUMENTED.read_text())
    service = serve("--workers", "2", REGISTRY_FILE=str(registry))
    first = wait_for_workers(service, 2)
    replace(service)
    second = service.workers
    assert len(second) == 2 and not first & second
    [last_good] = short_dir.glob("module-registry-*/registry.yaml")
    last_good.unlink()
    registry.write_text("modules: 1\n")
    os.kill(service.process.pid, signal.SIGUSR2)
    wait_until(lambda: said(service, "is not replaced"))
    [line] = [line for line in service.log if "is not replaced" in line]
    end = "[ERROR] Worker 1 of 2 is not replaced: the new one ended with exit code 1. The old one serves on."
    assert line.endswith(end)
    for worker in second:  # which are told by the main process alone
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
            os.kill(worker, number)
    with connected(service.url) as connection:
        assert poll(connection).startswith(b"http/1.1 200")
    assert service.workers == second
    assert service.stop() == 0
    assert "started again" not in service.stderr.read_text()


@pytest.mark.long
def test_a_client_that_is_silent_meanwhile_has_its_connection(serve: Start) -> None:
    """As long as before: a proxy sends a request on what it has kept for a while, and would lose that one."""
    service = serve()
    [old] = service.workers
    with connected(service.url) as connection:
        assert poll(connection)
        os.kill(service.process.pid, signal.SIGUSR2)
        wait_until(lambda: service.workers > {old})
        assert not select.select([connection], [], [], SILENCE)[0]  # it is not closed
        answer = poll(connection)
        assert answer.startswith(b"http/1.1 200")
        assert b"connection: close" in answer
    wait_until(lambda: old not in service.workers)


@pytest.mark.long
def test_no_request_is_lost_while_workers_are_replaced(serve: Start, valkey_url: str, redis: AnyClient) -> None:
    service = serve("--workers", "2", REDIS_URL=valkey_url, REDIS_TIMEOUT="3", SECRET_KEY=KEY)
    wait_for_workers(service, 2)
    with traffic(service.url, enrol(redis)) as clients:
        for _ in range(REPLACEMENTS):
            before = service.workers
            replace(service)
            assert not service.workers & before
    assert fates(clients).keys() == {Fate.ANSWERED}
    assert lost_votes(redis, clients) == []
