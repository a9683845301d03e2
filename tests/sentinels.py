"""A real primary with two replicas, and three sentinels that watch them, on loopback."""

import os
import re
import signal
import subprocess
from pathlib import Path

import redis
from clusters import answers, free_ports, launch
from support import wait_until

from service.storage.files import server_binary

NAME = "votes"


class Sentinels:
    """Three servers and three sentinels; `servers` and `sentinels` are their processes, by port."""

    def __init__(self, folder: Path, down_after: int = 500) -> None:
        """`down_after`: how long the primary may be silent before a sentinel gives it up, in milliseconds."""
        self.folder = folder
        ports = free_ports(6)
        self.servers: dict[int, subprocess.Popen[bytes]] = {}
        self.sentinels: dict[int, subprocess.Popen[bytes]] = {}
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in ports[3:]) + f"/{NAME}"
        try:
            for port in ports[:3]:
                self.start(port, *(() if port == ports[0] else ("--replicaof", f"127.0.0.1 {ports[0]}")))
            wait_until(lambda: len(self.replicas(ports[0])) == 2)
            for port in ports[3:]:
                self._watch(port, ports[0], down_after)
            for port in ports[3:]:
                wait_until(lambda port=port: self._knows_all(port))  # type: ignore[misc]
        except BaseException:
            self.stop()
            raise

    def start(self, port: int, *options: str) -> None:
        """Start a server, on what it had."""
        options = ("--appendonly", "yes", "--appendfsync", "no", "--repl-diskless-sync-delay", "0", *options)
        self.servers[port] = launch(self.folder / str(port), port, *options)
        wait_until(lambda: answers(port))

    def _watch(self, port: int, primary: int, down_after: int) -> None:
        file = self.folder / f"{port}.conf"
        file.write_text(
            f"port {port}\nbind 127.0.0.1\nlogfile {port}.log\ndir {self.folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {primary} 2\n"
            f"sentinel down-after-milliseconds {NAME} {down_after}\nsentinel failover-timeout {NAME} 5000\n"
        )
        self.sentinels[port] = subprocess.Popen([str(server_binary()), str(file), "--sentinel"], cwd=self.folder)
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
        with redis.Redis(port=next(iter(self.sentinels)), decode_responses=True) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def role(self, port: int) -> str:
        """What a server says that it is: master or slave."""
        with redis.Redis(port=port, decode_responses=True) as server:
            return str(server.info("replication")["role"])

    def kill(self, port: int) -> None:
        """kill -9 of a server."""
        self.servers[port].kill()
        self.servers[port].wait()

    def fail_over(self, *how: str) -> None:
        """Have a sentinel promote a replica, though the primary lives; returns when it has."""
        before = self.primary

        def happened() -> bool:
            if self.primary != before:
                return True
            with redis.Redis(port=next(iter(self.sentinels))) as sentinel:
                try:
                    sentinel.execute_command("SENTINEL FAILOVER", NAME, *how)
                except redis.ResponseError as error:  # one is under way, or it has not seen the end of the last one yet
                    assert str(error).startswith(("INPROG", "NOGOODSLAVE")), error
            return False

        wait_until(happened, 60)

    def signal(self, port: int, number: signal.Signals) -> None:
        os.kill(self.servers[port].pid, number)

    def stop(self) -> None:
        for process in [*self.sentinels.values(), *self.servers.values()]:
            process.kill()
            process.wait()
