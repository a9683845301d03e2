"""What waits for the admins: threads of all accounts, unread ones first, and how many there are.

Stored are threads by status and slug; what they read as, the registry in force says. So these are two steps: which
queues there are, then the threads of those that are wanted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from service.accounts.sessions import Caller
from service.feedback import model
from service.feedback.model import Author, Message, Page, Status, Thread
from service.feedback.store import ADMINISTERING, checked, load, page, run
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.listing import checked_limit
from service.wording import having

_COUNTS, _QUEUE = load("counts"), load("queue")

#: How many of the last answers can be taken.
MOST_ANSWERS = 10

#: How long one request goes on searching, in seconds, and how many threads one step of it reads.
PATIENCE, _STEP = 0.3, 50

#: What the score of an unread thread is above (lua/threads.lua).
_UNREAD = 2**52


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
    text: str | None = None,
    who: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """The threads of all accounts that read as `status` and are of `module`, unread ones first, then by activity.

    `text` is in one of their messages, and `who` in the name or id of whose they are, each word somewhere. For these a
    request looks at so many threads that a page may have less than others, or none, and a next one.
    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin, InvalidField; and StorageUnavailable.
    """
    with checked(client, caller, ADMINISTERING):
        wanted = None if status is None else model.checked_status(status)
        begin, most = model.checked_cursor(cursor), checked_limit(limit)
    names = _names(client, caller, registry, module, wanted)
    if not text and not who:
        rows = run(client, _QUEUE, caller, ADMINISTERING, begin, most + 1, "ends", *names) if names else []
        return page(client, rows, registry, most, None)
    return _search(_one_by_one(client, caller, registry, names, begin), text or "", who or "", most)


def _search(threads: Iterator[tuple[Page, str | None]], text: str, who: str, most: int) -> Page:
    has_text, has_who = having(text), having(who)
    matching, unreadable, cursor = list[Thread](), 0, None
    for read, following in threads:
        cursor, unreadable = following and following[1:], unreadable + read.unreadable
        matching += [
            thread
            for thread in read.threads
            if has_who(f"{thread.account.name}\n{thread.account.id}")
            and has_text("\n".join(message.text for message in thread.messages))
        ]
        if len(matching) == most:
            break
    return Page(tuple(matching), cursor, unreadable)


def _one_by_one(
    client: Client, caller: Caller | None, registry: Registry, names: Sequence[str], begin: str
) -> Iterator[tuple[Page, str | None]]:
    """Each thread of these queues as a page of its own, with the score from which others follow, if any do.

    It ends with the step in which PATIENCE does.
    """
    following: str | None = begin if names else None
    until = time.monotonic() + PATIENCE
    while following:
        rows = run(client, _QUEUE, caller, ADMINISTERING, following, _STEP + 1, "all", *names)
        following = None
        for at, (row, score) in enumerate(rows[:_STEP], 1):
            following = f"({score}" if at < len(rows) else None
            yield page(client, [(row, score)], registry, 1, None), following
        if time.monotonic() > until:
            return


def answers(client: Client, caller: Caller, registry: Registry, module: str) -> list[Message]:
    """The last answers that admins have given for a module, newest first, each text once. Raises as `threads`."""
    names, given = _names(client, caller, registry, module, None), dict[str, Message]()
    for begin in ("+inf", f"({_UNREAD}") if names else ():  # what waits for admins is before all else
        rows = run(client, _QUEUE, caller, ADMINISTERING, begin, _STEP, "all", *names)
        said = [message for thread in page(client, rows, registry, _STEP, None).threads for message in thread.messages]
        for message in sorted(said, key=lambda each: each.at):
            if message.author is Author.ADMIN:
                given.pop(message.text, None)
                given[message.text] = message
    in_order = sorted(given.values(), key=lambda each: each.at)  # later ones of a second stay later
    return in_order[: -MOST_ANSWERS - 1 : -1]


def _names(
    client: Client, caller: Caller | None, registry: Registry, module: str | None, status: Status | None
) -> list[str]:
    """The queues of a module and a status, or of all of them."""
    slug = None if module is None else model.followed(module, registry)[0]
    return [
        queue.name
        for queue in _queues(client, caller, registry)
        if status in (None, queue.status) and slug in (None, queue.module)
    ]


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
