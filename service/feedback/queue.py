"""What waits for the admins: threads of all accounts, unread ones first, and how many there are.

Stored are threads by status and slug; what they read as, the registry in force says. So these are two steps: which
queues there are, then the threads of those that are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from service.accounts.sessions import Caller
from service.feedback import model
from service.feedback.model import Page, Status
from service.feedback.store import ADMINISTERING, checked, load, page, run
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.listing import checked_limit

_COUNTS, _QUEUE = load("counts"), load("queue")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many threads read as each status, in all and of each module, and which are unread for admins.

    `unread_of` has, for each module with such threads, their number, and since when the oldest of them is unread.
    """

    by_status: dict[Status, int]
    by_module: dict[str, dict[Status, int]]
    unread_of: dict[str, tuple[int, datetime]]

    @property
    def unread(self) -> int:
        """How many are unread in all."""
        return sum(number for number, _ in self.unread_of.values())

    @property
    def unread_since(self) -> datetime | None:
        """Since when the oldest of them is."""
        return min((since for _, since in self.unread_of.values()), default=None)


class _Queue(NamedTuple):
    """The threads of one stored status and slug: their key, what they read as, and since when one is unread, if any."""

    name: str
    status: Status
    module: str
    threads: int
    unread: int
    since: datetime | None


def counts(client: Client, caller: Caller | None, registry: Registry) -> Counts:
    """What there is for an admin, or for a command.

    Raises NotAuthenticated, AccountNotActive, NotAnAdmin, StorageUnavailable.
    """
    by_module: dict[str, dict[Status, int]] = {}
    by_status, unread_of = dict.fromkeys(Status, 0), dict[str, tuple[int, datetime]]()
    for queue in _queues(client, caller, registry):
        by_status[queue.status] += queue.threads
        by_module.setdefault(queue.module, dict.fromkeys(Status, 0))[queue.status] += queue.threads
        if queue.since is not None:
            number, since = unread_of.get(queue.module, (0, queue.since))
            unread_of[queue.module] = number + queue.unread, min(since, queue.since)
    return Counts(by_status, by_module, unread_of)


def threads(
    client: Client,
    caller: Caller | None,
    registry: Registry,
    *,
    status: str | None = None,
    module: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """The threads of all accounts that read as `status` and are of `module`, unread ones first, then by activity.

    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin, InvalidField; and StorageUnavailable.
    """
    with checked(client, caller, ADMINISTERING):
        wanted = None if status is None else model.checked_status(status)
        begin, most = model.checked_cursor(cursor), checked_limit(limit)
    slug = None if module is None else model.followed(module, registry)[0]
    names = [
        queue.name
        for queue in _queues(client, caller, registry)
        if wanted in (None, queue.status) and slug in (None, queue.module)
    ]
    rows = run(client, _QUEUE, caller, ADMINISTERING, begin, most + 1, *names) if names else []
    return page(client, rows, registry, most, None)


def _queues(client: Client, caller: Caller | None, registry: Registry) -> Iterator[_Queue]:
    rows = run(client, _COUNTS, caller, ADMINISTERING)
    for start in range(0, len(rows), 5):
        stored, slug, threads, unread, since = rows[start : start + 5]
        module, fate = model.followed(slug, registry)
        status, _ = model.read_as(stored, fate)
        oldest = _oldest(since) if unread != "0" else None
        yield _Queue(f"{stored}:{slug}", status, module, int(threads), int(unread), oldest)


def _oldest(since: str) -> datetime:
    """When the oldest of some threads was updated; of one that cannot be read, now."""
    known = since.isdecimal() and len(since) < 12
    return datetime.fromtimestamp(int(since), UTC) if known else datetime.now(UTC).replace(microsecond=0)
