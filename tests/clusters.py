"""Real servers for tests, on loopback: a Cluster of three primaries, with a replica each or without, and a primary with
two replicas that three sentinels watch.
"""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import SystemRandom

import redis
from support import wait_until

from service.storage.files import server_binary

SLOTS = 16384
PRIMARIES = 3


def free_ports(number: int) -> list[int]:
    """Ports on loopback that nothing uses, of those that no system gives to connections by itself (32768 and up)."""
    ports: set[int] = set()
    while len(ports) < number:
        port = SystemRandom().randrange(15_000, 32_000)  # of its own, since hypothesis seeds the common one
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            ports.add(port)
    return list(ports)


def answers(port: int) -> bool:
    """Whether a server answers there, be it that it asks for a password."""
    with redis.Redis(port=port) as server:
        try:
            return bool(server.ping())
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False


def launch(folder: Path, port: int, *options: str, program: str = "") -> subprocess.Popen[bytes]:
    """A server that has a folder of its own, on loopback."""
    folder.mkdir(exist_ok=True)
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--logfile", "log", *options]
    return subprocess.Popen([program or str(server_binary()), *arguments], cwd=folder, stdin=subprocess.DEVNULL)


@contextmanager
def running(process: subprocess.Popen[bytes], port: int) -> Iterator[None]:
    """A server that answers at a port, for as long as the block takes."""

    def has_ended() -> bool:
        process.terminate()  # a kill would leave at work what it has forked to rewrite its file
        return process.poll() is not None

    try:
        wait_until(lambda: answers(port))
        yield
    finally:
        wait_until(has_ended)  # it refuses to end while it writes its first file


class Servers:
    """Several servers, each of which can be killed and suspended by its number: its index, or its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        raise NotImplementedError

    def kill(self, number: int) -> None:
        """kill -9 of one server."""
        self.processes[number].kill()
        self.processes[number].wait()

    def signal(self, number: int, of: signal.Signals) -> None:
        self.processes[number].send_signal(of)

    def stop(self) -> None:
        for number in self.processes:
            self.kill(number)

    close = stop


class Cluster(Servers):
    """Servers that know each other, each with a third of the slots.

    The replica of a primary has its index and three more. `node_timeout`: how long a server may be silent before the
    others give it up, in milliseconds.
    """

    def __init__(self, folder: Path, node_timeout: int = 15_000, *, replicas: bool = False) -> None:
        self.node_timeout = node_timeout
        size = PRIMARIES * (1 + replicas)
        ports = free_ports(2 * size)
        self.ports, self._bus = ports[:size], ports[size:]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)
        super().__init__(folder)

    def _start(self) -> None:
        for index in range(len(self.ports)):
            self.start(index)
        self._meet()

    def start(self, index: int) -> None:
        """Start a server, with what it had."""
        options = ["--cluster-enabled", "yes", "--cluster-port", str(self._bus[index])]
        options += ["--cluster-node-timeout", str(self.node_timeout), "--appendonly", "yes", "--appendfsync", "no"]
        self.processes[index] = launch(self.folder / str(index), self.ports[index], *options)
        wait_until(lambda: answers(self.ports[index]))

    @staticmethod
    @contextmanager
    def alone(folder: Path, *options: str) -> Iterator[int]:
        """The port of a server that no other one knows."""
        port, bus = free_ports(2)
        with running(launch(folder, port, "--cluster-port", str(bus), *options), port):
            yield port

    def server(self, index: int) -> redis.Redis:
        return redis.Redis(port=self.ports[index], decode_responses=True)

    def _meet(self) -> None:
        size = len(self.ports)
        bounds = [SLOTS * index // PRIMARIES for index in range(PRIMARIES + 1)]
        for index in range(size):
            with self.server(index) as server:
                server.execute_command("CLUSTER SET-CONFIG-EPOCH", index + 1)
                if index < PRIMARIES:
                    server.execute_command("CLUSTER ADDSLOTSRANGE", bounds[index], bounds[index + 1] - 1)
        with self.server(0) as server:
            for index in range(1, size):
                server.execute_command("CLUSTER MEET", "127.0.0.1", self.ports[index], self._bus[index])
        self.wait()
        for index in range(PRIMARIES, size):
            with self.server(index - PRIMARIES) as primary, self.server(index) as replica:
                replica.execute_command("CLUSTER REPLICATE", primary.execute_command("CLUSTER MYID"))
                wait_until(lambda replica=replica: replica.info("replication").get("master_link_status") == "up")  # type: ignore[misc]

    def wait(self, state: str = "ok") -> None:
        """Wait until every server that runs says that the cluster is in this state."""

        known = {"cluster_state": state, "cluster_known_nodes": str(len(self.ports))}

        def agrees(index: int) -> bool:
            with self.server(index) as server:
                return known.items() <= server.execute_command("CLUSTER INFO").items()

        running = [index for index, process in self.processes.items() if process.poll() is None]
        wait_until(lambda: all(map(agrees, running)))


NAME = "votes"


class Sentinels(Servers):
    """Three servers and three sentinels; `servers` and `sentinels` are their ports, `processes` those of all.

    `down_after`: how long the primary may be silent before a sentinel gives it up, in milliseconds.
    """

    def __init__(self, folder: Path, down_after: int = 500) -> None:
        self.down_after = down_after
        ports = free_ports(6)
        self.servers, self.sentinels = ports[:3], ports[3:]
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in self.sentinels) + f"/{NAME}"
        super().__init__(folder)

    def _start(self) -> None:
        primary, *replicas = self.servers
        self.start(primary)
        for port in replicas:
            self.start(port, "--replicaof", f"127.0.0.1 {primary}")
        wait_until(lambda: len(self.replicas(primary)) == 2)
        for port in self.sentinels:
            self._watch(port, primary)
        wait_until(lambda: all(map(self._knows_all, self.sentinels)))

    def start(self, port: int, *options: str) -> None:
        """Start a server, on what it had."""
        options = ("--appendonly", "yes", "--appendfsync", "no", "--repl-diskless-sync-delay", "0", *options)
        self.processes[port] = launch(self.folder / str(port), port, *options)
        wait_until(lambda: answers(port))

    def _watch(self, port: int, primary: int) -> None:
        file = self.folder / f"{port}.conf"
        file.write_text(
            f"port {port}\nbind 127.0.0.1\nlogfile {port}.log\ndir {self.folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {primary} 2\n"
            f"sentinel down-after-milliseconds {NAME} {self.down_after}\nsentinel failover-timeout {NAME} 5000\n"
        )
        self.processes[port] = subprocess.Popen([str(server_binary()), str(file), "--sentinel"], cwd=self.folder)
        wait_until(lambda: answers(port))

    def _knows_all(self, port: int) -> bool:
        with redis.Redis(port=port, decode_responses=True) as sentinel:
            told = sentinel.sentinel_master(NAME)
        return bool(told["num-slaves"] == 2 and told["num-other-sentinels"] == 2)

    def replicas(self, port: int) -> list[str]:
        """The replicas that a server says are up to date."""
        with redis.Redis(port=port, decode_responses=True) as server:
            told = server.info("replication")
        return [name for name, each in told.items() if re.fullmatch(r"slave\d+", name) and each["state"] == "online"]

    @property
    def primary(self) -> int:
        """The port of the server that a sentinel takes for the primary."""
        with redis.Redis(port=self.sentinels[0], decode_responses=True) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def role(self, port: int) -> str:
        """What a server says that it is: master or slave."""
        with redis.Redis(port=port, decode_responses=True) as server:
            return str(server.info("replication")["role"])

    def fail_over(self) -> None:
        """Have a sentinel promote a replica, though the primary lives; returns when it has."""
        before = self.primary

        def happened() -> bool:
            if self.primary != before:
                return True
            with redis.Redis(port=self.sentinels[0]) as sentinel:
                try:
                    sentinel.execute_command("SENTINEL FAILOVER", NAME)
                except redis.ResponseError as error:  # one is under way, or it has not seen the end of the last one yet
                    assert str(error).startswith(("INPROG", "NOGOODSLAVE")), error
            return False

        wait_until(happened, 60)
