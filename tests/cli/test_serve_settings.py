"""What `serve` makes of its options and settings: where it listens, who can sign in, and which store it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import run

from service.cli.listening import Address, listening_address
from service.problems import AddressInUse, InvalidSetting

Prepared = Callable[..., Any]

EVERYWHERE = ("--host", "0.0.0.0")
HTTP, HTTPS = ({"PUBLIC_URL": f"{scheme}://registry.example.com"} for scheme in ("http", "https"))
#: Options and settings, whether it is warned that nobody could sign in, and whether cookies are for HTTPS alrun.
WAYS_TO_SIGN_IN = [
    ((), {}, False, False),
    (EVERYWHERE, {}, True, True),
    (EVERYWHERE, HTTP, True, True),
    (EVERYWHERE, HTTPS, False, True),
    (EVERYWHERE, {"SESSION_COOKIE_SECURE": "false"}, False, False),
]


@pytest.mark.parametrize(("arguments", "settings", "warned", "secure"), WAYS_TO_SIGN_IN)
def test_it_says_where_it_listens_and_warns_where_nobody_could_sign_in(
    prepared: Prepared,
    short_dir: Path,
    arguments: tuple[str, ...],
    settings: dict[str, str],
    warned: bool,
    secure: bool,
) -> None:
    served = prepared("--workers", "3", *arguments, **settings)
    where = "listening on 0.0.0.0, " if arguments else ""
    assert served.ready == f"Serving on {served.address.url} ({where}3 workers, store in {short_dir / 'var'})"
    assert served.address.url.startswith("http://127.0.0.1:")
    assert (served.workers, served.settings.session_cookie_secure) == (3, secure)
    assert len(served.log) == warned
    assert all("nobody can sign in" in line and "PUBLIC_URL" in line for line in served.log)
    assert all("SESSION_COOKIE_SECURE=false" in line for line in served.log)


@pytest.mark.usefixtures("redis")
def test_with_redis_url_nothing_is_embedded(prepared: Prepared, short_dir: Path, valkey_url: str) -> None:
    served = prepared("--workers", "1", REDIS_URL=valkey_url, SECRET_KEY="a key of the platform")
    assert served.ready == f"Serving on {served.address.url} (1 worker, store at REDIS_URL)"
    assert (served.log, (short_dir / "var").exists()) == ([], False)
    assert run("accounts", "add", "alice", REDIS_URL=valkey_url).returncode == 0
    link = run("accounts", "sign-in-link", "alice", REDIS_URL=valkey_url).stdout
    assert link.startswith(f"{served.address.url}/"), "where links lead is said in the store"
    served = prepared(REDIS_URL="redis://127.0.0.1:1", SECRET_KEY="a key of the platform")
    (line,) = served.log
    assert "[WARNING] Redis cannot be used at the moment. (" in line and "Connection refused" in line
    assert line.endswith("The registry is served; votes answer 503 until it can be used.")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "0.0.0.0"])
def test_no_other_that_starts_at_the_same_moment_gets_the_same_address(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any worker listens there, and so before the kernel would refuse it."""
    monkeypatch.setattr("service.cli.listening._FREE_PORT_TIMEOUT", 0.05)
    first = listening_address(host, 0)
    assert first.claim and first.port > 0
    is_everywhere = host == "0.0.0.0"
    local = "127.0.0.1" if is_everywhere else host
    assert (first.url, first.name, first.is_loopback) == (f"http://{local}:{first.port}", host, not is_everywhere)
    with first.claim, pytest.raises(AddressInUse, match="Address already in use"):
        listening_address(host, first.port)
    second = listening_address(host, first.port)
    assert second.claim and second.port == first.port
    second.claim.close()


@pytest.mark.parametrize("ip", ["::1", "::"])
def test_an_address_of_ipv6_is_written_in_brackets(ip: str) -> None:
    assert Address(ip, 80, ip).url == "http://[::1]:80"


@pytest.mark.parametrize("host", ["", "a..b", "203.0.113.1"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^--host: "):
        listening_address(host, 0)
