"""A network that is gone for a while, between the service and a server: a real one, of the kernel's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
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


class Network:
    """Two ends of a cable, of which the one is in a name space of its own."""

    def __init__(self, name: str) -> None:
        self.name, self.here, self.there = name, f"{name}h", f"{name}t"
        ip("netns", "add", name)
        ip("link", "add", self.here, "type", "veth", "peer", "name", self.there, "netns", name)
        ip("addr", "add", f"{HERE}/24", "dev", self.here)
        ip("link", "set", self.here, "up")
        ip("-n", name, "addr", "add", f"{THERE}/24", "dev", self.there)
        ip("-n", name, "link", "set", self.there, "up")
        self._address = ip("-n", name, "-brief", "link", "show", self.there).split()[2]

    def lead(self, to: str | None = None) -> None:
        """Send what is for the other end to a hardware address, or to its own."""
        ip("neigh", "replace", THERE, "lladdr", to or self._address, "dev", self.here, "nud", "permanent")

    def sent_again(self) -> bool:
        """Whether the kernel still has something to send to the server."""
        queues = subprocess.check_output(["ss", "-Htan", "dst", THERE], text=True)
        return any(int(line.split()[2]) for line in queues.splitlines())


def ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def network() -> Iterator[Network]:
    name = f"mr{os.getpid()}"
    try:
        made = Network(name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine makes no networks: {error.stderr}")
    yield made
    ip("netns", "del", name)


@pytest.fixture
def port(network: Network, tmp_path: Path) -> Iterator[int]:
    """The port of a server at the other end."""
    options = {"bind": THERE, "port": "6379", "save": "", "protected-mode": "no"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    inside = ["ip", "netns", "exec", network.name]
    process = subprocess.Popen([*inside, str(server_binary()), *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL)
    yield 6379
    process.kill()
    process.wait()


def test_what_timed_out_is_not_done_when_the_network_is_back(network: Network, port: int) -> None:
    url = f"redis://{THERE}:{port}"
    wait_until(lambda: _answers(port))
    with closing(connect(url, 0.5)) as one, closing(connect(url, 5.0)) as other:
        one.run(VOTE, ["set"], ["first"])
        network.lead(NOWHERE)
        with pytest.raises(StorageUnavailable):
            one.run(VOTE, ["set"], ["late"])
        network.lead()
        other.run(RETRACT, ["set"], ["late"])
        wait_until(lambda: not network.sent_again())
        assert set(other.members("set")) == {"first"}


def _answers(port: int) -> bool:
    with Redis(THERE, port) as server:
        try:
            return bool(server.ping())
        except OSError:
            return False
        except Exception:  # noqa: BLE001  # of redis-py
            return False
