"""How often names are used that clients should give up, and by which kinds of client, as one process has counted it.

Of a request two things are kept: which of the registry's names it has, and what kind of client its User-Agent says.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from service.metrics import counting
from service.metrics.definitions import USES

#: The kinds of clients, and how they begin to say what they are. Whatever says that it is a crawler is one.
CLIENTS: dict[str, tuple[str, ...]] = {
    "browser": ("mozilla/", "opera/"),
    "crawler": (),
    "curl": ("curl/", "libcurl"),
    "python": ("python", "aiohttp", "httpx"),
    "node": ("node", "undici", "axios/", "got "),
    "go": ("go-http-client",),
    "java": ("java", "okhttp", "apache-httpclient", "jersey", "reactornetty"),
    "other": ("",),
}
_KINDS, _CRAWLERS = [*CLIENTS], ("bot", "crawl", "spider", "slurp", "facebookexternalhit")

#: How many days are told of, today included; and how much of a User-Agent is looked at, in characters: they have 120.
DAYS, LONGEST = 90, 200


class Used(NamedTuple):
    """How often clients asked by a name in the last DAYS days, by their kind, and when one last did: an ISO day.

    `since` is the day from which on that is counted; None where it is not.
    """

    name: str
    since: str | None
    requests: int
    clients: Mapping[str, int]
    last: str | None


class Uses:
    """What one process counts, in a row for each name that was asked for, all of which a registry had.

    It is added to by statements, without a lock, as in `Slot`.
    """

    def __init__(self) -> None:
        self._slot = counting.slot()
        self._rows: dict[str, list[int]] = {}

    def of(self, name: str) -> tuple[list[int], int]:
        """Where a name is counted: its row, by kind of client, and in /metrics, where its number is."""
        return self._rows.setdefault(name, [0] * len(CLIENTS)), self._slot.place(USES, name)

    def count(self, name: str, user_agent: str) -> None:
        """Count a request."""
        self.add(self.of(name), user_agent)

    def add(self, where: tuple[list[int], int], user_agent: str) -> None:
        """Count a request where its name is counted."""
        row, place = where
        row[kind_of(user_agent[:LONGEST])] += 1
        self._slot.numbers[place] += 1

    def gathered(self) -> list[tuple[str, str, int]]:
        """Names, kinds of clients and how often these asked, but for what is `kept` elsewhere by now."""
        rows = list(self._rows.items())
        return [(name, kind, number) for name, row in rows for kind, number in zip(CLIENTS, row, strict=True) if number]

    def kept(self, gathered: list[tuple[str, str, int]]) -> None:
        """Forget what was gathered; what has been counted meanwhile stays."""
        for name, kind, number in gathered:
            row, at = self._rows[name], _KINDS.index(kind)
            row[at] -= number


@lru_cache(maxsize=256)  # clients send the same few values; to look at one takes longer than to count it
def kind_of(user_agent: str) -> int:
    """The place of a client's kind among CLIENTS, by the first LONGEST characters of its User-Agent, and no more."""
    said = user_agent.lower()
    kind = next(kind for kind, beginnings in CLIENTS.items() if said.startswith(beginnings))
    return _KINDS.index("crawler" if any(word in said for word in _CRAWLERS) else kind)
