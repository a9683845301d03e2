"""`make bench`: what it makes of figures, and that it runs. Figures worth reading need an idle machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread

import pytest
from bench.errors import Wrong
from bench.growth import unanswered, write_registry
from bench.load import Load, Sample, interleaved, parse, ratio, write_script
from bench.table import Report, Row
from bench.voters import Votes
from support import REPOSITORY, clean_environ

from service.registry.loading import load

# What wrk 4.1.0 prints, and then the script.
OUTPUT = """ready
Running 1m test @ http://127.0.0.1:8000/api/features
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   272.31us  245.81us   2.36ms   86.53%
    Req/Sec    51.21k     4.36k   55.35k    71.43%
  35000 requests in 700.00ms, 7.01MB read
Requests/sec:  50000.00
Transfer/sec:     10.01MB
{"requests": 35000, "bytes": 7350000, "microseconds": 700000, "p50": 250, "p99": 1200, "errors": ERRORS}
"""
NO_ERRORS = '{"connect": 0, "read": 0, "write": 0, "timeout": 0, "status": 0}'
ERRORS = '{"connect": 1, "read": 2, "write": 3, "timeout": 4, "status": 5}'


def sample(rate: float = 50_000.0, size: float = 210.0, errors: int = 0) -> Sample:
    return Sample(answers=35_000, rate=rate, size=size, p50=0.25, p99=1.2, errors=errors)


def test_a_run_of_wrk_is_read() -> None:
    assert parse(OUTPUT.replace("ERRORS", NO_ERRORS)) == sample()
    assert parse(OUTPUT.replace("ERRORS", ERRORS)) == sample(errors=15)


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:1 Connection refused\n"])
def test_a_run_without_figures_is_an_error_with_what_wrk_says(output: str) -> None:
    with pytest.raises(Wrong, match=output.strip() or "nothing"):
        parse(output)


def test_a_run_without_answers_is_an_error() -> None:
    with pytest.raises(Wrong):
        parse(OUTPUT.replace("ERRORS", NO_ERRORS).replace("35000,", "0,"))


def test_failed_requests_and_answers_of_another_size_are_complaints(tmp_path: Path) -> None:
    load = Load("http://127.0.0.1:8000/", write_script(tmp_path / "plain.lua"), size=200)
    assert load.complaint(sample()) is None, "counts have more or fewer digits"
    assert "15 errors" in (load.complaint(sample(errors=15)) or "")
    assert "3000 bytes" in (load.complaint(sample(size=3000.0)) or ""), "a 200 in place of a 304"


def test_contenders_take_turns_and_each_begins_some_round() -> None:
    order: list[str] = []

    def turn(name: str) -> int:
        order.append(name)
        return len(order)

    found = interleaved({name: lambda name=name: turn(name) for name in "abc"}, 3)  # type: ignore[misc]
    assert "".join(order) == "abcbcacab"
    assert found == {"a": [1, 6, 8], "b": [2, 4, 9], "c": [3, 5, 7]}


def test_a_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    assert ratio([10, 2, 30], [20, 8, 40]) == 0.5, "that of the medians is another: 10 / 20"
    assert ratio([10, 2, 33], [20, 2, 30]) == 1.0


def test_the_table_shows_ratios_and_which_targets_are_missed() -> None:
    report = Report(machine={"cpu": "A processor", "cores": 2, "load": 0.1, "python": "3.11.7"}, options={})
    report.rows = [
        Row("registry 200", 51_000.4, 100_000, 0.512, name="nginx", target=0.45),
        Row("votes", 2_000, 10_000, 0.2, name="bare Flask", target=0.33),
        Row("serve to ready", 0.456, unit="s", target=0.7),
        Row("errors", 1, unit="", target=0),
        Row("memory", 38.2, unit="MiB"),
    ]
    assert report.markdown() == (
        "A processor, 2 cores (load 0.1 when it began), Python 3.11.7\n"
        "\n"
        "|                |     ours | beside it           | ratio | target             |\n"
        "| -------------- | -------: | ------------------- | ----: | ------------------ |\n"
        "| registry 200   | 51,000/s | nginx 100,000/s     | 0.512 | 0.45               |\n"
        "| votes          |  2,000/s | bare Flask 10,000/s | 0.200 | 0.33 (missed)      |\n"
        "| serve to ready |   0.46 s |                     |       | at most 0.7        |\n"
        "| errors         |        1 |                     |       | at most 0 (missed) |\n"
        "| memory         |   38 MiB |                     |       |                    |"
    )


def test_the_json_has_every_round() -> None:
    report = Report(machine={"cores": 2}, options={"rounds": 1})
    report.rows = [Row("votes", 2_000, 10_000, 0.2, target=0.33)]
    report.rounds = {"votes": {"ours": [sample()]}, "check": {"ours": [0.15]}}
    report.failures = ["votes: 3 errors"]
    document = json.loads(report.json())
    assert document["rounds"] == {"votes": {"ours": [asdict(sample())]}, "check": {"ours": [0.15]}}
    assert document["rows"][0]["ratio"] == 0.2
    assert document["rows"][0]["met"] is False
    assert document["failures"] == ["votes: 3 errors"]
    assert document["machine"] == {"cores": 2}


def test_every_vote_that_is_sent_changes_something() -> None:
    votes = Votes(["linkedin", "hiring"])
    stored = set(votes.voted)
    cookies = {request.cookie for request in votes.requests()}
    accounts = {
        request.cookie: account for request, (account, _) in zip(votes.requests()[::2], votes.pairs, strict=True)
    }
    assert len(cookies) == 200
    for request in votes.requests() * 2:
        vote = accounts[request.cookie], request.path.split("/")[3]
        assert (vote in stored) is (request.method == "DELETE")
        stored ^= {vote}


def test_a_registry_of_any_size_is_valid(tmp_path: Path) -> None:
    assert len(load(write_registry(tmp_path / "registry.yaml", 50)).modules) == 50


def test_connections_that_are_never_answered_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:

        def answer_half() -> None:
            asking = [listening.accept()[0] for _ in range(20)]
            for one in asking[:10]:
                one.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            done.wait()
            for one in asking:
                one.close()

        done = Event()
        thread = Thread(target=answer_half)
        thread.start()
        try:
            assert unanswered(f"http://127.0.0.1:{listening.getsockname()[1]}/x", 20) == 10
        finally:
            done.set()
            thread.join()


@pytest.mark.skipif(
    not (shutil.which("wrk") and shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")),
    reason="wrk or nginx is not installed",
)
@pytest.mark.long
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="it takes two cores")
def test_it_measures_the_real_service(tmp_path: Path) -> None:
    output = str(tmp_path / "bench.json")
    done = subprocess.run(
        [sys.executable, "tests/bench", "--only", "a,b,e", "--rounds", "1", "--seconds", "0.3", "--output", output],
        cwd=REPOSITORY,
        env=clean_environ(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "| votes " in done.stdout
