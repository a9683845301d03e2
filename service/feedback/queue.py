"""What waits for the admins: threads of all accounts, unread ones first, and how many there are.

Stored are threads by status and slug; what they read as, the registry in force says. So these are two steps: which
queues there are, then the threads of those that are wanted.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from service.accounts.sessions import Caller
from service.feedback import model
from service.feedback.model import Author, Message, Page, Status, Thread
from service.feedback.store import ADMINISTERING, checked, load, page, run
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.entries import checked_limit
from service.wording import having

_COUNTS, _QUEUE = load("counts"), load("queue")

#: How many of the last answers can be taken.
MOST_ANSWERS = 10

#: How long one request goes on searching, in seconds, and how many threads one step of it reads.
PATIENCE, _STEP = 0.3, 50

#: What the score of an unread thread is above (lua/threads.lua).
_UNREAD = 2**52


class Counts(NamedTuple):
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
    step, shown, patience = (_STEP, "all", PATIENCE) if text or who else (most, "ends", 0.0)
    is_wanted, until = _having(text, who), time.monotonic() + patience
    threads, unreadable = list[Thread](), 0
    following: str | None = begin
    while following and len(threads) < most:
        rows = run(client, _QUEUE, caller, ADMINISTERING, following, step + 1, shown, *names)
        following = None
        for at, row in enumerate(rows[:step], 1):
            read = page(client, [row], registry, 1, None)
            unreadable += read.unreadable
            threads += filter(is_wanted, read.threads)
            following = f"({row[1]}" if at < len(rows) else None
            if len(threads) == most:
                break
        if time.monotonic() > until:
            break
    return Page(tuple(threads), following and following[1:], unreadable)


def _having(text: str | None, who: str | None) -> Callable[[Thread], bool]:
    has_text, has_who = having(text or ""), having(who or "")

    def is_wanted(thread: Thread) -> bool:
        said = "\n".join(message.text for message in thread.messages)
        return has_who(f"{thread.account.name}\n{thread.account.id}") and has_text(said)

    return is_wanted


def answers(client: Client, caller: Caller, registry: Registry, module: str) -> list[Message]:
    """The last answers that admins have given for a module, newest first, each text once. Raises as `threads`."""
    names, said = _names(client, caller, registry, module, None), list[Message]()
    for begin in ("+inf", f"({_UNREAD}"):  # what waits for admins is before all else
        rows = run(client, _QUEUE, caller, ADMINISTERING, begin, _STEP, "all", *names)
        said += [message for thread in page(client, rows, registry, _STEP, None).threads for message in thread.messages]
    given: dict[str, Message] = {}
    for message in sorted(said, key=lambda each: each.at)[::-1]:  # later ones of a second come first
        if message.author is Author.ADMIN:
            given.setdefault(message.text, message)
    return list(given.values())[:MOST_ANSWERS]


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
    for stored, slug, threads, unread, since in run(client, _COUNTS, caller, ADMINISTERING):
        module, fate = model.followed(slug, registry)
        status, _ = model.read_as(stored, fate)
        yield _Queue(f"{stored}:{slug}", Status(status), module, threads, unread, _oldest(since) if unread else None)


def _oldest(since: str) -> datetime:
    """When the oldest of some threads was updated; of one that cannot be read, now."""
    known = since.isdecimal() and len(since) < 12
    return datetime.fromtimestamp(int(since), UTC) if known else datetime.now(UTC).replace(microsecond=0)
