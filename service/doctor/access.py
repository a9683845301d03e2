"""Whether a Redis server lets strangers in: its password, what is read on the way, its version; and its clock."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from service.doctor.model import About, Finding
from service.origins import is_loopback
from service.settings import Settings
from service.storage.servers import Server

#: The first versions without the faults of Lua scripts of October 2025 (CVE-2025-49844: any user runs what they like);
#: of other lines, those that are newer have none of them.
_MENDED = {
    ("Redis", 7, 2): 11,
    ("Redis", 7, 4): 6,
    ("Redis", 8, 0): 4,
    ("Redis", 8, 2): 2,
    ("Valkey", 7, 2): 11,
    ("Valkey", 8, 0): 6,
    ("Valkey", 8, 1): 4,
}
#: The first line of either that still gets mended versions, and knows WAITAOF.
_OLDEST = (7, 2)

#: How far clocks may be apart, in seconds: signing in with a provider bears 30.
_DIFFERENT, _WRONG = 2.0, 30.0


def password(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it answers those who have no password, and who can reach it."""
    about = About("password", server.name)
    if server.takes_anybody is None:
        yield about.unseen(
            "it did not answer whether it takes a client without a password",
            "Whoever reaches it may be able to vote for others, and make admins.",
            "`redis-cli -h HOST -p PORT PING` from another machine",
        )
    elif not server.takes_anybody:
        yield about.well("it asks for a password")
    else:
        yield _of_strangers(server, about)


def _of_strangers(server: Server, about: About) -> Finding:
    means = "Whoever can connect to it votes for others, reads who voted for what, and makes admins."
    mends = "`ACL SETUSER default on >PASSWORD` in its redis.conf or ACL file, and the password in REDIS_URL"
    if not server.host:
        try:
            mode = Path(server.name).stat().st_mode
        except OSError as error:
            return about.unseen(f"its socket cannot be looked at ({error.strerror})", means, mends)
        if mode & stat.S_IWOTH:
            seen = "it asks for no password, and every user of this machine may write to its socket"
            return about.problem(seen, means, f"`unixsocketperm 770` in its redis.conf, or {mends}")
        return about.well("it asks for no password, and its socket is not for every user")
    if not is_loopback(server.host):
        return about.problem("it asks for no password, and other machines reach it", means, mends)
    if "bind" not in server.config or "protected-mode" not in server.config:
        return about.unseen(
            "it asks for no password, and CONFIG GET does not tell whether other machines reach it", means, mends
        )
    if server.config["protected-mode"] == "yes":
        return about.well("it asks for no password; protected-mode keeps other machines out")
    listens = [one.lstrip("-") for one in server.config["bind"].split()]
    if listens and all(map(is_loopback, listens)):
        return about.well(f"it asks for no password, and listens on {' '.join(listens)} alone")
    return about.problem(
        f"it asks for no password, listens on {' '.join(listens) or 'all addresses'}, and protected-mode is no",
        means,
        f"`CONFIG SET protected-mode yes`, or {mends}",
    )


def encryption(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether others can read what it is told."""
    about = About("encryption", server.name)
    if settings.redis_url is None or not server.host or is_loopback(server.host):
        return
    url = settings.redis_url.urls[0]
    if not url.startswith("rediss:"):
        yield about.warning(
            "REDIS_URL is not encrypted",
            "Whoever is on the way reads the password, and who votes for what.",
            "have the server take TLS (`tls-port`), and write rediss:// in REDIS_URL",
        )
    elif re.search("[?&]ssl_cert_reqs=(none|optional)", url):
        yield about.warning(
            "REDIS_URL has ssl_cert_reqs, and no certificate is required",
            "Whoever is on the way can pose as the server.",
            "leave ssl_cert_reqs out, and name your authority by ssl_ca_certs",
        )
    else:
        yield about.well("connections are encrypted")


def version(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether it is so old that nobody mends it any more."""
    about = About("version", server.name)
    name = "Valkey" if "valkey_version" in server.info else "Redis"
    said = server.info.get(f"{name.lower()}_version", "")
    if not (found := re.match(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", said)):
        yield about.unseen("INFO does not tell its version", "It may be an old one.", "allow INFO, or ask who runs it")
        return
    line, patch = (int(found[1]), int(found[2])), int(found[3])
    if line < _OLDEST:
        yield about.problem(
            f"it is {name} {said}",
            "Nobody mends it any more, and it cannot do VOTE_DURABILITY=fsync.",
            f"run Valkey, or Redis {'.'.join(map(str, _OLDEST))} or newer",
        )
    elif patch < (first := _MENDED.get((name, *line), 0)):
        yield about.warning(
            f"it is {name} {said}",
            "By a script, every user of it can run what they like on its machine (CVE-2025-49844).",
            f"run {name} {line[0]}.{line[1]}.{first} or newer, or see that your distribution has mended this one",
        )
    else:
        yield about.well(f"it is {name} {said}")


def clock(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether its clock and ours agree."""
    about = About("clock", server.name)
    if server.ahead is None:
        yield about.unseen("TIME is not answered", "Its clock may be off.", "`ACL SETUSER NAME +time`")
    else:
        yield apart(about, server.ahead)


def apart(about: About, ahead: float) -> Finding:
    """What is said of a clock that is so many seconds ahead of this machine's, or behind."""
    if abs(ahead) < _DIFFERENT:
        return about.well("its clock and that of this machine agree")
    make = about.problem if abs(ahead) >= _WRONG else about.warning
    return make(
        f"its clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} that of this machine",
        "Votes count for another day, acts have wrong times, and beyond 30 s nobody signs in with a provider.",
        "keep both by NTP: `timedatectl` says whether it is on",
    )
