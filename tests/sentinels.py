"""A real primary with two replicas, and three sentinels that watch them, on loopback."""

import re
import subprocess
from pathlib import Path

import redis
from clusters import Servers, answers, free_ports, launch
from support import wait_until

from service.storage.files import server_binary

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
