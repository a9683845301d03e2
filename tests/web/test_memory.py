"""What clients send is kept nowhere, and a `serve` that works for long takes no more than it did."""

import gc
import os
import re
import shutil
import subprocess
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

import pytest
from application import MakeApp, Start, editors_rename, table
from contract import platform_cookie
from flask import Flask
from redis import Redis
from support import DOCUMENTED, AnyClient, Serve, add_accounts, session_cookie, wait_for_workers, wait_until
from werkzeug.test import EnvironBuilder

#: About as much as a server lets one header have, in bytes.
SIZE = 64 * 1024

PLACES: dict[str, tuple[str, str, str, str]] = table("forgotten.yaml")


@pytest.fixture(scope="module")
def app(make_public_app: MakeApp) -> Flask:
    return make_public_app(cors_origins=("https://app.example.com",), public_url="https://registry.example.com")


@pytest.mark.parametrize("place", ["signed cookie", *(pytest.param(place, marks=pytest.mark.long) for place in PLACES)])
def test_what_a_client_chooses_is_forgotten(app: Flask, redis: Redis, place: str) -> None:
    """Another each time. base64 passes over characters that are none of its own, so that every cookie is signed."""
    signed = ("GET", "/api/features", "HTTP_COOKIE", f"session={platform_cookie(app, _user_id='alice')}!{{}}")
    method, path, name, value = PLACES.get(place, signed)
    environ = EnvironBuilder(path, method=method, headers={"Origin": "https://app.example.com"}).get_environ()

    def chosen(number: int) -> dict[str, str]:
        return {name: value.format("!" * (SIZE + number) if value == signed[3] else f"{number:06}".ljust(SIZE, "x"))}

    def ask(numbers: range) -> None:
        for number in numbers:
            list(app.wsgi_app(environ | chosen(number), lambda *_: list))  # type: ignore[arg-type, return-value]

    app.extensions["module_registry"].in_force.complete()  # or else its pages are made meanwhile
    ask(range(10))  # what is made at the first request stays
    gc.collect()
    gc.disable()  # it may come late: nothing may wait for it
    tracemalloc.start()
    try:
        ask(range(10, 110))
        # What other apps do meanwhile, in threads, is smaller.
        kept = [trace.size for trace in tracemalloc.take_snapshot().traces if trace.size >= SIZE // 2]
        assert len(kept) < 5  # of a hundred
    finally:
        tracemalloc.stop()
        gc.enable()


#: How many requests are sent; a twentieth of them are wrong, each in its own way.
REQUESTS = int(os.environ.get("REQUESTS", "60000"))
#: After each of the rounds it is looked; the first ones fill what is kept once for all.
ROUNDS, WARM_UP = 12, 4
#: How often the registry is edited meanwhile: at least once in each round.
RELOADS = max(ROUNDS, REQUESTS * 300 // 2_000_000)
#: How much more memory the last rounds may have than the first ones after the warm-up, in bytes.
LEVEL = 8 * 1024 * 1024
#: How many more files a process may have: each of its threads opens a connection to Redis when it first needs one.
SPARE_FILES = 8
KEY = "shared with the platform"
WRK = shutil.which("wrk")


class Taken(NamedTuple):
    """What processes have taken: bytes of memory in all, where what they share counts once; files, threads of each."""

    memory: int
    files: list[int]
    threads: list[int]


def taken(processes: list[int]) -> Taken:
    """What they have taken once all connections are closed: when no file or thread has come or gone for a second."""

    def look() -> Taken:
        texts = [Path(f"/proc/{process}/smaps_rollup").read_text() for process in processes]
        memory = sum(int(re.findall(r"(?m)^Pss: +(\d+) kB", text)[0]) for text in texts) * 1024
        folders = [[Path(f"/proc/{process}/{kind}") for process in processes] for kind in ("fd", "task")]
        return Taken(memory, *([sum(1 for _ in each.iterdir()) for each in kind] for kind in folders))

    def settled() -> Taken | None:
        before = look()
        time.sleep(1)
        now = look()
        return now if before[1:] == now[1:] else None

    return wait_until(settled, 60)


def send(url: str, number: int, seed: int, cookies: Path) -> tuple[int, int]:
    """Have wrk send at least so many requests; how many were answered, and how many of these were refused."""
    script = Path(__file__).with_name("mixture.lua")
    answered = refused = 0
    while answered < number:
        command = [str(WRK), "-t1", "-c16", "-d2", "--timeout", "20", "-s", str(script), url, "--"]
        done = subprocess.run([*command, str(seed), str(cookies)], check=True, capture_output=True, text=True).stdout
        answered += int(re.findall(r"(\d+) requests in", done)[0])
        refused += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", done)))
        seed += 1_000_000
    return answered, refused


def edit(file: Path, numbers: range, service: Serve) -> None:
    """Have other registries in force, one after the other."""
    for number in numbers:
        text = DOCUMENTED.read_text("utf-8").replace("Google Maps scraper", f"Scraper {number}")
        editors_rename(file, text)
        revision = sha256(text.encode()).hexdigest()
        wait_until(lambda: revision in urlopen(f"{service.url}/readyz", timeout=20).read().decode(), 60)  # noqa: B023


@pytest.mark.nightly
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell of its memory")
@pytest.mark.skipif(not WRK, reason="wrk is not installed")
def test_memory_files_and_threads_are_level(serve: Start, valkey_url: str, redis: AnyClient, short_dir: Path) -> None:
    file, cookies = short_dir / "registry.yaml", short_dir / "cookies"
    file.write_text(DOCUMENTED.read_text())
    people = [f"p{number}" for number in range(500)]
    add_accounts(redis, *people)
    cookies.write_text("\n".join(session_cookie(KEY, person) for person in people))
    settings = {"REDIS_URL": valkey_url, "REDIS_TIMEOUT": "5", "SECRET_KEY": KEY, "REGISTRY_FILE": str(file)}
    service = serve("--workers", "2", **settings)
    processes = [service.process.pid, *sorted(wait_for_workers(service, 2))]
    sent, looks = [], []
    for number in range(ROUNDS):
        with ThreadPoolExecutor(1) as pool:
            editing = pool.submit(edit, file, range(number, RELOADS, ROUNDS), service)
            sent.append(send(service.url, REQUESTS // ROUNDS, number, cookies))
            editing.result()
        looks.append(taken(processes))
    level, *later = looks[WARM_UP:]
    for now in later:
        assert now.threads == level.threads
        assert all(late - early <= SPARE_FILES for early, late in zip(level.files, now.files, strict=True)), looks
    early, late = (median(each.memory for each in some) for some in (looks[WARM_UP:][:3], looks[-3:]))
    assert late - early < LEVEL
    answered, refused = map(sum, zip(*sent, strict=True))
    assert refused > answered / 40
