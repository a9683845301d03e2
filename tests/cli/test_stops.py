"""SIGTERM under load: what is under way is answered, each client is told to send no more, and it ends in time."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest
from support import DEADLINE, AnyClient, Serve, clean_environ, wait_until
from traffic import KEY, Client, Fate, connected, enrol, fates, lost_votes, traffic

from service.cli.worker import LONGEST_STOP

#: How often a service is stopped under load.
STOPS = int(os.environ.get("STOPS", "6"))
#: How long each client waits before a request, in seconds.
PAUSE = 0.005
#: What bounds a first answer, in seconds: many at once on a machine that is busy with other things take long.
LONGEST_START = 120.0


def stopped(
    serve: Callable[..., Serve], url: str, voters: list[str], *, newcomers: bool
) -> tuple[float, list[Client], float]:
    """Start a service, and stop it under load: when it was told so, its clients, and how long it took, in seconds."""
    service = serve(REDIS_URL=url, REDIS_TIMEOUT="3", SECRET_KEY=KEY)
    with traffic(service.url, voters, PAUSE, newcomers=newcomers) as clients:
        wait_until(lambda: all(len(client.done) > 2 for client in clients), LONGEST_START)
        told = time.monotonic()
        assert service.stop() == 0
        took = time.monotonic() - told
    assert service.log == []
    return told, clients, took


@pytest.mark.long
@pytest.mark.parametrize("newcomers", [True, False], ids=["with newcomers", "on kept connections"])
def test_a_stop_answers_what_is_under_way(
    serve: Callable[..., Serve], valkey_url: str, redis: AnyClient, newcomers: bool
) -> None:
    """What was sent before the signal is answered; what comes later is, or does not get a byte of an answer."""
    voters = enrol(redis)
    times, seen, under_way, lost = [], Counter[Fate](), 0, 0
    for _ in range(STOPS // 2):
        told, clients, took = stopped(serve, valkey_url, voters, newcomers=newcomers)
        times.append(took)
        seen += fates(clients)
        requests = [request for client in clients for request in client.done]
        under_way += sum(one.began < told < one.ended for one in requests)
        for one in requests:
            if one.fate not in (Fate.ANSWERED, Fate.REFUSED) or (one.fate is Fate.REFUSED and one.began < told):
                print(f"lost: {one}, told at {told}")
                lost += 1
        assert lost_votes(redis, clients) == []
        if len(times) % 50 == 0:
            print(f"{len(times)} stops, {lost} lost, {max(times):.2f} s at most", flush=True)
    print(f"{len(times)} stops, {statistics.median(times):.2f} s, {max(times):.2f} s at most; {under_way} under way")
    print(f"{ {fate.name: count for fate, count in seen.items()} }, {lost} lost")
    assert lost == 0
    assert max(times) < LONGEST_STOP


#: More than the kernel takes of an answer by itself, in bytes.
LARGE = 16 * 1024 * 1024
#: How long its client reads nothing of it, in seconds: longer than a stop waits for clients that have been answered.
SILENCE = 3.3


@pytest.mark.long
def test_an_answer_that_is_read_slowly_is_sent_to_its_end() -> None:
    script = (
        "from service.cli.address import listening_address\n"
        "from service.cli.supervisor import run_workers\n"
        "def app(environ, start_response):\n"
        f"    start_response('200 OK', [('Content-Length', '{LARGE}')])\n"
        f"    return [bytes({LARGE})]\n"
        "address = listening_address('127.0.0.1', 0)\n"
        "run_workers(address, 1, lambda: app, address.url)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], env=clean_environ(), stdout=subprocess.PIPE) as service:
        assert service.stdout
        with connected(service.stdout.readline().decode().strip()) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = len(connection.recv(1000))
            service.terminate()
            with suppress(subprocess.TimeoutExpired):
                service.wait(SILENCE)
            while part := connection.recv(262_144):
                received += len(part)
        assert received > LARGE
        assert service.wait(DEADLINE) == 0
