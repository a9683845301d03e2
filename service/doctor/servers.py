"""Whether a Redis server keeps the votes that it has acknowledged, and lets nobody in or read on the way."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from service.doctor.model import Finding, check, problem, unseen, warning, well
from service.settings.durability import Durability
from service.settings.settings import Settings
from service.settings.values import is_loopback
from service.storage.servers import Server
from service.wording import pluralized

_ASK = "allow the user of REDIS_URL INFO and CONFIG GET (`ACL SETUSER NAME +info +config|get`), or ask who runs Redis"


def _set(option: str) -> str:
    return f"`CONFIG SET {option}`, and the same in its redis.conf"


def _untold(what: str) -> Finding:
    return unseen(f"the server does not tell {what}", mends=_ASK)


@check("append-only", "When it ends, all votes since its last snapshot are gone.", _set("appendonly yes"))
def append_only(server: Server, settings: Settings) -> Finding:
    """Whether it writes an append-only file, so that its end loses nothing but what `fsync` is about."""
    enabled = server.info.get("aof_enabled")
    if enabled is None:
        return _untold("aof_enabled")
    return problem("appendonly is no") if enabled == "0" else well("appendonly is yes")


@check(
    "fsync",
    "The end of its machine loses up to two seconds of votes with `everysec`, and half a minute with `no`.",
    _set("appendfsync everysec"),
)
def fsync(server: Server, settings: Settings) -> Finding | None:
    """Whether what it appends gets to its disk before a vote is acknowledged, or soon after."""
    if server.info.get("aof_enabled", "1") == "0":
        return None  # said by append_only
    policy, is_confirmed = server.config.get("appendfsync"), settings.vote_durability is Durability.FSYNC
    if policy is None:
        return _untold("appendfsync")
    if policy == "always" or (policy == "everysec" and is_confirmed):
        return well(f"appendfsync is {policy}{', and VOTE_DURABILITY=fsync waits for it' if is_confirmed else ''}")
    if policy == "everysec":
        seen = "appendfsync is everysec, and VOTE_DURABILITY does not wait for it"
        return warning(seen, mends="set VOTE_DURABILITY=fsync, or `CONFIG SET appendfsync always`")
    return problem(f"appendfsync is {policy}")


@check("files", "It refuses votes, or loses them when it ends.", "look at its log and at the room on its disk (`df`)")
def last_write(server: Server, settings: Settings) -> Finding:
    """Whether it could write its files the last time."""
    states = {name: server.info.get(name) for name in ("aof_last_write_status", "rdb_last_bgsave_status")}
    if failed := [name for name, state in states.items() if state == "err"]:
        return problem(f"{' and '.join(failed)}: err")
    return well("its last writes succeeded") if any(states.values()) else _untold("how its last writes went")


@check("eviction", "It deletes votes and accounts once maxmemory is used.", _set("maxmemory-policy noeviction"))
def eviction(server: Server, settings: Settings) -> Finding:
    """Whether it deletes keys where its memory is full."""
    policy = server.info.get("maxmemory_policy")
    if policy is None:
        return _untold("maxmemory_policy")
    seen = f"maxmemory-policy is {policy}"
    if policy.startswith("allkeys"):
        return warning(seen) if server.info.get("maxmemory") == "0" else problem(seen)
    if policy.startswith("volatile"):
        return warning(seen, "Once maxmemory is used, an answer of a provider may count twice: its mark is deleted.")
    return well(seen)


@check(
    "replicas",
    "The votes are on one disk, and lost with it.",
    "start a replica (`REPLICAOF`) and sentinels, or make backups (`module-registry backup FILE`)",
)
def replicas(server: Server, settings: Settings) -> Finding:
    """Whether another server has the votes as well; a replica, on which no vote is counted, is there to be promoted."""
    if "role" not in server.info:
        return _untold("its role")
    if server.is_primary:
        return _of_primary(server.online_replicas, settings.vote_durability)
    if server.info.get("slave_read_only") == "0":
        seen = "it is a replica that can be written to (replica-read-only no)"
        return warning(seen, "Whatever is written to it by mistake is lost.", _set("replica-read-only yes"))
    if (link := server.info.get("master_link_status")) != "up":
        return warning(
            f"it is a replica that has lost its primary ({link})",
            "What is voted meanwhile is not on it; if it is promoted, that is lost.",
            "look at its log, at `masterauth`, and at the network between the two",
        )
    return well("it is a replica that is in touch with its primary")


def _of_primary(online: int, durability: Durability) -> Finding:
    """Compare the replicas of a primary with the number that must confirm a vote."""
    seen, needed = f"{pluralized(online, 'replica')} in touch", durability.replicas
    if online < needed:
        seen = f"{seen}, and VOTE_DURABILITY={durability} waits for {needed}"
        return problem(
            seen, "No vote is taken.", f"start {needed - online} more (`REPLICAOF`), or lower VOTE_DURABILITY"
        )
    if not online:
        return warning("it has no replica")
    if needed and online > needed:
        seen = f"{seen}, and VOTE_DURABILITY={durability} waits for {needed}"
        means = "If a replica that has not confirmed a vote is promoted, that vote is lost."
        return warning(seen, means, f"set VOTE_DURABILITY=replica:{min(online, 5)}")
    return well(seen)


@check(
    "min-replicas",
    "With 0, a primary that is cut off goes on taking votes, which are lost once another one is promoted.",
    "set VOTE_DURABILITY=replica, or `CONFIG SET min-replicas-to-write 1`",
)
def enough_replicas(server: Server, settings: Settings) -> Finding | None:
    """Whether a primary that is cut off from its replicas goes on acknowledging votes, which are lost after it."""
    if not server.is_primary or not server.online_replicas:
        return None  # said by replicas
    least = server.config.get("min-replicas-to-write")
    if needed := settings.vote_durability.replicas:
        return well(f"VOTE_DURABILITY={settings.vote_durability} waits for {needed}")
    if "min_slaves_good_slaves" in server.info or least not in (None, "0"):  # which it tells where that is 1 or more
        return well(f"min-replicas-to-write is {least or 'set'}")
    return _untold("min-replicas-to-write") if least is None else warning("min-replicas-to-write is 0")


@check(
    "password",
    "Whoever can connect to it votes for others, reads who voted for what, and makes admins.",
    "`ACL SETUSER default on >PASSWORD` in its ACL file, and the password in REDIS_URL; or keep others out by "
    "`protected-mode yes`, or of a socket by `unixsocketperm 770`, in its redis.conf",
)
def password(server: Server, settings: Settings) -> Finding:
    """Whether it answers those who have no password, and who can reach it."""
    if server.takes_anybody is None:
        seen = "it did not answer whether it takes a client without a password"
        return unseen(seen, mends="`redis-cli -h HOST -p PORT PING` from another machine")
    if not server.takes_anybody:
        return well("it asks for a password")
    if not server.host:
        if Path(server.name).stat().st_mode & stat.S_IWOTH:
            return problem("it asks for no password, and every user of this machine may write to its socket")
        return well("it asks for no password, and its socket is not for every user")
    if not is_loopback(server.host):
        return problem("it asks for no password, and other machines reach it")
    return _on_loopback(server.config)


def _on_loopback(config: Mapping[str, str]) -> Finding:
    """Whether a server that takes anybody is reached from this machine alone."""
    if "bind" not in config or "protected-mode" not in config:
        return unseen("it asks for no password, and CONFIG GET does not tell whether other machines reach it")
    if config["protected-mode"] == "yes":
        return well("it asks for no password; protected-mode keeps other machines out")
    addresses = [address.lstrip("-") for address in config["bind"].split()]
    seen = f"it asks for no password, and listens on {' '.join(addresses) or 'all addresses'}"
    if addresses and all(map(is_loopback, addresses)):
        return well(f"{seen} alone")
    return problem(f"{seen}; protected-mode is no")


@check(
    "encryption",
    "Whoever is on the way reads the password, and who votes for what.",
    "have the server take TLS (`tls-port`), and write rediss:// in REDIS_URL",
)
def encryption(server: Server, settings: Settings) -> Finding | None:
    """Whether others can read what it is told, its password among it."""
    if settings.redis_url is None or not server.host or is_loopback(server.host):
        return None
    url = settings.redis_url.urls[0]
    if not url.startswith("rediss:"):
        return warning("REDIS_URL is not encrypted")
    if re.search("[?&]ssl_cert_reqs=(none|optional)", url):
        return warning(
            "REDIS_URL has ssl_cert_reqs, and no certificate is required",
            "Whoever is on the way can pose as the server.",
            "leave ssl_cert_reqs out, and name your authority by ssl_ca_certs",
        )
    return well("connections are encrypted")


#: The checks of each server, embedded or not; and of one that others run, since the embedded one has no replica, and is
#: reached by its owner on its machine alone.
CHECKS = (append_only, fsync, last_write, eviction)
CHECKS_OF_OTHERS = (*CHECKS, replicas, enough_replicas, password, encryption)
