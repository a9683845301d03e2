"""A network that is gone for a while, between the service and a server: a real one, of the kernel's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support import connect, wait_until

from service.problems import StorageUnavailable
from service.storage.binary import server_binary
from service.storage.script import Script

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("ip") and shutil.which("ss")) or os.geteuid() != 0, reason="it takes root, and iproute2"
    ),
]

VOTE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")
RETRACT = Script("return redis.call('SREM', KEYS[1], ARGV[1])")
HERE, THERE = "10.233.77.1", "10.233.77.2"
#: Of nobody: what is sent there is lost.
NOWHERE = "02:00:00:00:00:01"


def ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def lead(tmp_path: Path) -> Iterator[Callable[[str | None], object]]:
    """A server at the other end of a cable, in a name space of its own.

    Called with a hardware address, it has what is for the server sent there, or with None to the server again.
    """
    name = f"mr{os.getpid()}"
    here, there = f"{name}h", f"{name}t"
    try:
        ip("netns", "add", name)
        ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine makes no networks: {error.stderr}")
    ip("addr", "add", f"{HERE}/24", "dev", here)
    ip("link", "set", here, "up")
    ip("-n", name, "addr", "add", f"{THERE}/24", "dev", there)
    ip("-n", name, "link", "set", there, "up")
    address = ip("-n", name, "-brief", "link", "show", there).split()[2]
    options = ["--bind", THERE, "--save", "", "--protected-mode", "no"]
    inside = ["ip", "netns", "exec", name, str(server_binary()), *options]
    process = subprocess.Popen(inside, cwd=tmp_path, stdout=subprocess.DEVNULL)
    yield lambda to: ip("neigh", "replace", THERE, "lladdr", to or address, "dev", here, "nud", "permanent")
    process.kill()
    process.wait()
    ip("netns", "del", name)


def is_sent_again() -> bool:
    """Whether the kernel still has something to send to the server."""
    queues = subprocess.check_output(["ss", "-Htan", "dst", THERE], text=True)
    return any(int(line.split()[2]) for line in queues.splitlines())


def test_what_timed_out_is_not_done_when_the_network_is_back(lead: Callable[[str | None], object]) -> None:
    url = f"redis://{THERE}:6379"
    with closing(connect(url, 0.5)) as one, closing(connect(url, 5.0)) as other:

        def voted() -> bool:
            with suppress(StorageUnavailable):
                return one.run(VOTE, ["set"], ["first"]) in (0, 1)
            return False

        wait_until(voted)
        lead(NOWHERE)
        with pytest.raises(StorageUnavailable):
            one.run(VOTE, ["set"], ["late"])
        lead(None)
        other.run(RETRACT, ["set"], ["late"])
        wait_until(lambda: not is_sent_again())
        assert set(other.members("set")) == {"first"}
