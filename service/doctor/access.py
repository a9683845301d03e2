"""Whether a Redis server lets strangers in, or lets its traffic be read."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from service.doctor.model import About, Finding
from service.setting_values import is_loopback
from service.settings import Settings
from service.storage.servers import Server


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
        if Path(server.name).stat().st_mode & stat.S_IWOTH:
            seen = "it asks for no password, and every user of this machine may write to its socket"
            return about.problem(seen, means, f"`unixsocketperm 770` in its redis.conf, or {mends}")
        return about.well("it asks for no password, and its socket is not for every user")
    if not is_loopback(server.host):
        return about.problem("it asks for no password, and other machines reach it", means, mends)
    if "bind" not in server.config or "protected-mode" not in server.config:
        seen = "it asks for no password, and CONFIG GET does not tell whether other machines reach it"
        return about.unseen(seen, means, mends)
    addresses = [address.lstrip("-") for address in server.config["bind"].split()]
    if server.config["protected-mode"] == "yes":
        return about.well("it asks for no password; protected-mode keeps other machines out")
    if addresses and all(map(is_loopback, addresses)):
        return about.well(f"it asks for no password, and listens on {' '.join(addresses)} alone")
    return about.problem(
        f"it asks for no password, listens on {' '.join(addresses) or 'all addresses'}, and protected-mode is no",
        means,
        f"`CONFIG SET protected-mode yes`, or {mends}",
    )


def encryption(server: Server, settings: Settings) -> Iterator[Finding]:
    """Whether others can read what it is told, its password among it."""
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
