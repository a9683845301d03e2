"""Whether a Redis server keeps the votes that it has acknowledged: its files, its memory, its replicas."""

from __future__ import annotations

from collections.abc import Iterator

from service.doctor.model import About, Finding
from service.settings import Settings
from service.storage.durability import Durability
from service.storage.servers import Server
from service.wording import pluralized

_ASK = "allow the user of REDIS_URL INFO and CONFIG GET (`ACL SETUSER NAME +info +config|get`), or ask who runs Redis"


def append_only(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it writes an append-only file, so that its end loses nothing but what `fsync` is about."""
    about = About("append-only", server.name)
    enabled = server.info.get("aof_enabled")
    if enabled is None:
        means = "Without an append-only file, each end of the server loses votes."
        yield about.unseen("INFO does not tell aof_enabled", means, _ASK)
    elif enabled == "0":
        yield about.problem(
            "appendonly is no",
            "When it ends, all votes since its last snapshot are gone, and without snapshots all votes.",
            "`CONFIG SET appendonly yes`, and `appendonly yes` in its redis.conf",
        )
    else:
        yield about.well("appendonly is yes")


def fsync(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether what it appends gets to its disk before a vote is acknowledged, or soon after."""
    about = About("fsync", server.name)
    if server.info.get("aof_enabled", "1") == "0":
        return  # said by append_only
    policy = server.config.get("appendfsync")
    is_confirmed = settings.vote_durability is Durability.FSYNC
    if policy is None:
        yield about.unseen(
            "CONFIG GET appendfsync is not answered",
            "With `no`, the end of its machine loses the votes of half a minute; with `everysec`, those of a second.",
            _ASK,
        )
    elif policy == "always" or (policy == "everysec" and is_confirmed):
        waits = ", and VOTE_DURABILITY=fsync waits for it" if is_confirmed else ""
        yield about.well(f"appendfsync is {policy}{waits}")
    elif policy == "everysec":
        yield about.warning(
            "appendfsync is everysec, and VOTE_DURABILITY does not wait for it",
            "The end of its machine loses up to two seconds of votes that were acknowledged.",
            "set VOTE_DURABILITY=fsync, or `CONFIG SET appendfsync always`",
        )
    else:
        yield about.problem(
            f"appendfsync is {policy}",
            "The end of its machine loses the votes of half a minute.",
            "`CONFIG SET appendfsync everysec`, and the same in its redis.conf",
        )


def last_write(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it could write its files the last time."""
    about = About("files", server.name)
    states = {name: server.info.get(name) for name in ("aof_last_write_status", "rdb_last_bgsave_status")}
    if failed := [name for name, state in states.items() if state == "err"]:
        yield about.problem(
            f"{' and '.join(failed)}: err",
            "It could not write its files, and refuses votes, or loses them when it ends.",
            "look at its log and at the room on its disk (`df`)",
        )
    elif any(states.values()):
        yield about.well("its last writes succeeded")
    else:
        yield about.unseen("INFO does not tell how its last writes went", "Its disk may be full.", _ASK)


def eviction(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it deletes keys where its memory is full."""
    about = About("eviction", server.name)
    policy = server.info.get("maxmemory_policy")
    mends = "`CONFIG SET maxmemory-policy noeviction`, and the same in its redis.conf"
    if policy is None:
        yield about.unseen("INFO does not tell maxmemory_policy", "It may delete votes where its memory is full.", _ASK)
    elif policy.startswith("allkeys"):
        make = about.warning if server.info.get("maxmemory") == "0" else about.problem
        yield make(f"maxmemory-policy is {policy}", "It deletes votes and accounts once maxmemory is used.", mends)
    elif policy.startswith("volatile"):
        yield about.warning(
            f"maxmemory-policy is {policy}",
            "Once maxmemory is used, it deletes the marks by which an answer of a provider counts once.",
            mends,
        )
    else:
        yield about.well(f"maxmemory-policy is {policy}")


def replicas(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether another server has the votes as well."""
    about = About("replicas", server.name)
    if "role" not in server.info:
        yield about.unseen("INFO does not tell its role", "It may have no replica, or be one.", _ASK)
    elif not server.is_primary:
        yield _of_a_replica(server, about)
    elif server.online_replicas:
        yield about.well(f"{pluralized(server.online_replicas, 'replica')} in touch")
    else:
        yield about.warning(
            "it has no replica",
            "The votes are on one disk, and lost with it; with VOTE_DURABILITY=replica none is taken.",
            "start a replica (`REPLICAOF`) and sentinels, or make backups (`module-registry backup FILE`)",
        )


def _of_a_replica(server: Server, about: About) -> Finding:
    """A vote is never counted on one (`votes` says so where REDIS_URL names it); it is there to be promoted."""
    link = server.info.get("master_link_status")
    if server.info.get("slave_read_only") == "0":
        return about.warning(
            "it is a replica that can be written to (replica-read-only no)",
            "Whatever is written to it by mistake is lost.",
            "`CONFIG SET replica-read-only yes`, and the same in its redis.conf",
        )
    if link != "up":
        return about.warning(
            f"it is a replica that has lost its primary ({link})",
            "What is voted meanwhile is not on it; if it is promoted, that is lost.",
            "look at its log, at `masterauth`, and at the network between the two",
        )
    return about.well("it is a replica that is in touch with its primary")


def enough_replicas(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether a primary that is cut off from its replicas goes on acknowledging votes, which are lost after it."""
    about = About("min-replicas", server.name)
    if not server.is_primary or not server.online_replicas:
        return  # said by replicas
    least = server.config.get("min-replicas-to-write")
    is_told = "min_slaves_good_slaves" in server.info  # where it is 1 or more
    means = "With 0, a primary that is cut off goes on taking votes, which are lost once another one is promoted."
    if settings.vote_durability is Durability.REPLICA:
        yield about.well("VOTE_DURABILITY=replica waits for one")
    elif is_told or least not in (None, "0"):
        yield about.well(f"min-replicas-to-write is {least or 'set'}")
    elif least is None:
        yield about.unseen("CONFIG GET min-replicas-to-write is not answered", means, _ASK)
    else:
        mends = "set VOTE_DURABILITY=replica, or `CONFIG SET min-replicas-to-write 1`"
        yield about.warning("min-replicas-to-write is 0", means, mends)
