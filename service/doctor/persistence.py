"""Whether a Redis server keeps the votes that it has acknowledged: its files, its memory, its replicas."""

from __future__ import annotations

from collections.abc import Iterator

from service.doctor.model import About, Finding
from service.settings import Settings
from service.storage.durability import Durability
from service.storage.redis_url import Kind
from service.storage.servers import Server
from service.wording import pluralized

#: How full the memory that a server may take can be, in parts of it, before that is said.
_FILLING, _FULL = 0.8, 0.95

_ASK = "allow the user of REDIS_URL INFO and CONFIG GET (`ACL SETUSER NAME +info +config|get`), or ask who runs Redis"


def append_only(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it writes an append-only file, so that its end loses nothing but what `fsync` is about."""
    about = About("append-only", server.name)
    found = server.info.get("aof_enabled")
    if found is None:
        yield about.unseen(
            "INFO does not tell aof_enabled", "Without an append-only file, each end of the server loses votes.", _ASK
        )
    elif found == "0":
        snapshots = server.config.get("save")
        loses = (
            "It makes no snapshots either: when it ends, all votes are gone, and a primary that comes back empty has "
            "its replicas forget theirs."
            if snapshots == ""
            else "When it ends, all votes since its last snapshot are gone."
        )
        yield about.problem(
            "appendonly is no", loses, "`CONFIG SET appendonly yes`, and `appendonly yes` in its redis.conf"
        )
    else:
        yield about.well("appendonly is yes")


def fsync(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether what it appends gets to its disk before a vote is acknowledged, or soon after."""
    about = About("fsync", server.name)
    if server.info.get("aof_enabled", "1") == "0":
        return  # said by append_only
    found = server.config.get("appendfsync")
    is_confirmed = settings.vote_durability is Durability.FSYNC
    if found is None:
        yield about.unseen(
            "CONFIG GET appendfsync is not answered",
            "With `no`, the end of its machine loses the votes of half a minute; with `everysec`, those of a second.",
            _ASK,
        )
    elif found == "always" or (found == "everysec" and is_confirmed):
        waits = ", and VOTE_DURABILITY=fsync waits for it" if is_confirmed else ""
        yield about.well(f"appendfsync is {found}{waits}")
    elif found == "everysec":
        yield about.warning(
            "appendfsync is everysec, and VOTE_DURABILITY does not wait for it",
            "The end of its machine loses up to two seconds of votes that were acknowledged.",
            "set VOTE_DURABILITY=fsync, or `CONFIG SET appendfsync always`",
        )
    else:
        yield about.problem(
            f"appendfsync is {found}",
            "The end of its machine loses the votes of half a minute"
            + (", and with VOTE_DURABILITY=fsync no vote is confirmed." if is_confirmed else "."),
            "`CONFIG SET appendfsync everysec`, and the same in its redis.conf",
        )


def last_write(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it could write its files the last time."""
    about = About("files", server.name)
    wrong = {name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if server.info.get(name) == "err"}
    if wrong:
        yield about.problem(
            f"{' and '.join(sorted(wrong))}: err",
            "It could not write its files, and refuses votes, or loses them when it ends.",
            "look at its log and at the room on its disk (`df`)",
        )
    elif server.info.get("aof_last_bgrewrite_status") == "err":
        yield about.warning(
            "aof_last_bgrewrite_status: err",
            "Its append-only file cannot be made smaller, and fills the disk.",
            "look at its log and at the room on its disk (`df`), then `BGREWRITEAOF`",
        )
    elif "aof_last_write_status" in server.info or "rdb_last_bgsave_status" in server.info:
        yield about.well("its last writes succeeded")
    else:
        yield about.unseen("INFO does not tell how its last writes went", "Its disk may be full.", _ASK)


def eviction(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it deletes keys where its memory is full."""
    about = About("eviction", server.name)
    found, most = server.info.get("maxmemory_policy"), server.number("maxmemory")
    mends = "`CONFIG SET maxmemory-policy noeviction`, and the same in its redis.conf"
    if found is None:
        yield about.unseen("INFO does not tell maxmemory_policy", "It may delete votes where its memory is full.", _ASK)
    elif found.startswith("allkeys"):
        means = "It deletes votes and accounts as its memory fills."
        if most == 0:
            yield about.warning(f"maxmemory-policy is {found}, without a maxmemory", f"With one: {means}", mends)
        else:
            yield about.problem(f"maxmemory-policy is {found}", means, mends)
    elif found.startswith("volatile"):
        yield about.warning(
            f"maxmemory-policy is {found}",
            "As its memory fills it deletes what has a time limit: sign-in links, and the marks by which an answer of "
            "the OpenID Connect provider counts once.",
            mends,
        )
    else:
        yield about.well(f"maxmemory-policy is {found}")


def memory(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether the memory that it may take is nearly full."""
    about = About("memory", server.name)
    used, most = server.number("used_memory"), server.number("maxmemory")
    if used is None or most is None:
        yield about.unseen("INFO does not tell used_memory and maxmemory", "It may be nearly full.", _ASK)
        return
    seen = f"{used:,} bytes are used" + (f" of {most:,} (maxmemory)" if most else ", and there is no maxmemory")
    if most and used > _FILLING * most:
        make = about.problem if used > _FULL * most else about.warning
        means = "Once it is full, votes are refused or, with a policy other than noeviction, deleted."
        yield make(seen, means, "give it more memory, `CONFIG SET maxmemory ...`, or a server that keeps nothing else")
    else:
        yield about.well(seen)


def replicas(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether another server has the votes as well."""
    about = About("replicas", server.name)
    if "role" not in server.info:
        yield about.unseen("INFO does not tell its role", "It may have no replica, or be one.", _ASK)
    elif not server.is_primary:
        can_be_written = server.info.get("slave_read_only") == "0"
        if settings.redis_url and settings.redis_url.kind is Kind.SERVER:
            host, port = server.info.get("master_host", "?"), server.info.get("master_port", "?")
            yield about.problem(
                f"it is a replica of {host}:{port}{', though it can be written to' if can_be_written else ''}",
                "Votes are answered 503: what a replica takes its primary never knows, and it is lost.",
                "write the primary, or the sentinels, in REDIS_URL; `REPLICAOF NO ONE` if this is to be the primary",
            )
        elif can_be_written:
            yield about.warning(
                "it is a replica that can be written to (replica-read-only no)",
                "Whatever is written to it by mistake is lost.",
                "`CONFIG SET replica-read-only yes`, and the same in its redis.conf",
            )
        elif server.info.get("master_link_status") == "up":
            yield about.well("it is a replica that is in touch with its primary")
        else:
            yield about.warning(
                f"it is a replica that has lost its primary ({server.info.get('master_link_status')})",
                "What is voted meanwhile is not on it; if it is promoted, that is lost.",
                "look at its log, at `masterauth`, and at the network between the two",
            )
    elif server.online_replicas:
        yield about.well(f"{pluralized(server.online_replicas, 'replica')} in touch")
    elif settings.vote_durability is Durability.REPLICA:
        yield about.problem(
            "no replica is in touch, and VOTE_DURABILITY is replica",
            "Votes are answered 503.",
            "start a replica (`REPLICAOF`), or set VOTE_DURABILITY=fsync",
        )
    else:
        yield about.warning(
            "it has no replica",
            "The votes are on one disk. With it they are lost, and while the server is down nobody can vote.",
            "start a replica (`REPLICAOF`) and sentinels, or make backups (`module-registry backup FILE`)",
        )


def enough_replicas(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether a primary that is cut off from its replicas goes on acknowledging votes, which are lost after it."""
    about = About("min-replicas", server.name)
    if not server.is_primary or not server.online_replicas:
        return  # said by replicas
    found = server.config.get("min-replicas-to-write")
    is_told = "min_slaves_good_slaves" in server.info  # where it is 1 or more
    if settings.vote_durability is Durability.REPLICA:
        yield about.well("VOTE_DURABILITY=replica waits for one")
    elif is_told or found not in (None, "0"):
        yield about.well(f"min-replicas-to-write is {found or 'set'}")
    elif found is None:
        yield about.unseen(
            "CONFIG GET min-replicas-to-write is not answered",
            "With 0, a primary that is cut off from its replicas takes votes that are lost.",
            _ASK,
        )
    else:
        yield about.warning(
            "min-replicas-to-write is 0",
            "A primary that is cut off from its replicas goes on taking votes. Once another one is promoted, they are "
            "lost.",
            "set VOTE_DURABILITY=replica, or `CONFIG SET min-replicas-to-write 1`",
        )
