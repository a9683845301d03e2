"""Who still uses names that clients should give up: how often each kind of client asked by them, day by day.

Each worker counts (`counting`) and adds to the store once a minute, and at its end. What is counted names nobody.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import NoneType

from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.entries import is_day
from service.storage.form import key
from service.storage.periodic_task import PeriodicTask
from service.storage.script import Script
from service.usage.counting import CLIENTS, DAYS, Used, Uses

#: The hash of a name: an ISO day (UTC), a blank and a kind of client -> requests; it was counted on each day from
#: `since` to `until`. It ends when it has not been counted for KEPT days.
uses_key = partial(key, "uses")

#: How many days are kept, today included.
KEPT = 400
#: How often what was counted is added to the store, in seconds.
INTERVAL = 60.0

#: How many names one round trip reads: each may have a number for each kind of client on KEPT days.
_AT_ONCE = 20

_ADD = Script.load("usage/add", returns=NoneType)


def is_field(text: str) -> bool:
    """Whether requests are counted under this name in such a hash."""
    return is_day(text[:10]) and text[10:11] == " " and text[11:] in CLIENTS


class Keeper(PeriodicTask):
    """Adds what a worker has counted to the store, in a thread of its own and with a client of its own.

    What cannot be added is kept for the next time. A minute's requests are those of the day on which it ends.
    """

    def __init__(self, uses: Uses, names: Callable[[], Collection[str]], client: Client) -> None:
        """`names` says which are counted at this moment, and `client` is nobody else's."""
        super().__init__(self.add, "uses", INTERVAL)
        self._uses, self._names, self._client = uses, names, client
        self.ends_with_process()

    def add(self) -> None:
        """Add what was counted since the last time."""
        gathered = self._uses.gathered()
        add(self._client, self._names(), gathered, _today())
        self._uses.kept(gathered)

    def end(self) -> None:
        """Add the rest."""
        super().end()
        with suppress(StorageUnavailable):
            self.add()
        self._client.close()


def add(client: Client, names: Iterable[str], counted: Iterable[tuple[str, str, int]], day: date) -> None:
    """Say that names are counted on a day, and add how often they were used. Raises StorageUnavailable."""
    if known := sorted({*names, *(name for name, _, _ in counted)}):
        ends = datetime.combine(day + timedelta(KEPT), datetime.min.time(), UTC)
        args: list[str | int] = [*(str(day - timedelta(ago)) for ago in (0, 1, KEPT - 1)), int(ends.timestamp())]
        uses = (part for name, kind, number in counted for part in (name, f"{day} {kind}", str(number)))
        client.run(_ADD, [uses_key("")], [*args, len(known), *known, *uses])


def read(client: Client, names: Iterable[str]) -> list[Used]:
    """How names are used, those that are used most first. Raises StorageUnavailable."""
    names, used = list(names), list[Used]()
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        used += map(_used, some, client.commands([("HGETALL", uses_key(name)) for name in some]))
    return sorted(used, key=lambda each: (-each.requests, each.name))


def _used(name: str, kept: Mapping[str, str]) -> Used:
    """What a hash says; what no version of this service has written there is left out."""
    today, clients = _today(), Counter[str]()
    fields = [field for field, number in kept.items() if is_field(field) and number.isdecimal() and len(number) < 16]
    for field in fields:
        if field >= str(today - timedelta(DAYS - 1)):
            clients[field[11:]] += int(kept[field])
    goes_on = is_day(kept.get("since", "")) and kept.get("until", "") >= str(today - timedelta(1))
    last = max(fields)[:10] if fields else None
    return Used(name, kept["since"] if goes_on else None, clients.total(), dict(clients.most_common()), last)


def _today() -> date:
    return datetime.now(UTC).date()
