"""Addresses of the web: the origin of one as browsers write it, and whether that is this machine."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

#: Scheme, host, port and path. Not urlsplit, which passes over some of what does not belong into a URL.
_URL = re.compile(
    r"(https?)://((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::([0-9]*))?(/[!\"$->A-\[\]-~]*)?",
    re.IGNORECASE | re.ASCII,
)
#: What browsers take for an IPv4 address, in whatever way it is written.
_NUMERIC_HOST = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")
#: Which browsers leave out of Origin.
_USUAL_PORTS = {"http": 80, "https": 443}


def origin_and_path(url: str) -> tuple[str, str]:
    """The origin of a URL as a browser writes it (WHATWG URL, 3.5 and 4.5), and its path.

    Raises ValueError for what is no http or https URL, or has more to it.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("it is no http:// or https:// address, in ASCII and without a query")
    scheme, host, port, path = found.groups(default="")
    scheme, host = scheme.lower(), host.lower()
    number = int(port or _USUAL_PORTS[scheme])
    if not 0 < number < 65536:
        raise ValueError("its port is not one from 1 to 65535")
    if host.startswith("["):
        address = IPv6Address(host[1:-1])
        if address.ipv4_mapped:
            raise ValueError("its host is an IPv4 address within an IPv6 address")
        host = f"[{address}]"
    elif _NUMERIC_HOST.fullmatch(host):
        host = str(IPv4Address(host))
    return f"{scheme}://{host}" + (f":{number}" if number != _USUAL_PORTS[scheme] else ""), path


def is_this_machine(origin: str) -> bool:
    """Whether an origin has a host that is always this machine (RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)."""
    return is_loopback(re.sub(r":\d+$", "", origin.partition("://")[2]).strip("[]"))


def is_loopback(host: str) -> bool:
    """Whether a name or an address, without brackets, is always this machine's."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
