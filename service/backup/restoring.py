"""Restore a backup into an empty store.

The store may have accounts of the platform, and what a running `serve` writes by itself.
Accounts come last, so that no user is signed in before the rest is restored.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from types import NoneType
from typing import Any

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY
from service.backup.stored import make_batches, run_in_one_step
from service.backup.subjects import Line, commands, encoded, flat, subject_of
from service.feedback.keys import FEEDBACK_KEYS, thread_key
from service.history import store as history
from service.interest.keys import RENAMES_KEY, VOTES_KEYS, interest_key, trend_key
from service.interest.reason import Given
from service.interest.store import today
from service.storage.client import Client
from service.storage.script import Script
from service.webhooks.store import CHANGES, REQUESTS

#: One step restores this many lines. They have at most 20 MiB, and take five times as much memory.
_LINES = 20

#: One step restores this many fields of accounts, or one account. A field takes 500 bytes of memory.
_FIELDS = 1000

#: Every script follows a chain of renames one by one. A longer chain is cut.
_MAX_CHAIN = 100

_ACCOUNT = Script.load("backup/accounts", returns=NoneType)
_REQUEST = Script.load("feedback/threads", "backup/request", returns=NoneType)
_VOTES = Script.load("interest/votes", "backup/votes", returns=NoneType)

#: The subjects of lines about votes, and the field that has the votes.
_FIELDS_OF_VOTES = {"trend": "days", "votes": "of", "voted": "on", "reasons": "by"}

_Lines = Iterator[Line]
_Restorer = Callable[[Client, _Lines], Iterator[int]]


def holdings(client: Client) -> list[str]:
    """Return the kinds of data that keep a store from being empty: votes, trends, requests, acts.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    kinds = {"votes": interest_key("*"), "trends": trend_key("*"), "requests": thread_key("*")}
    nouns = [noun for noun, pattern in kinds.items() if next(client.scan(pattern), None) is not None]
    return [*nouns, *(["acts of admins"] if client.command("XLEN", ENTRIES_KEY) else [])]


def restore(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Restore the lines of a backup in their order. After each step, yield the number of its lines.

    Accounts of the store stay as they are.

    Raises:
        StorageUnavailable: Redis did not answer. The lines of earlier steps stay restored.
    """
    client.command("DEL", RENAMES_KEY)  # a `serve` may have written renames that hide votes, or make a circle
    for restorer, some_lines in groupby(lines, _get_restorer):
        yield from restorer(client, some_lines)


def _get_restorer(line: Line) -> _Restorer:
    """Return the restorer of a line. Lines of events and deliveries have the restorer of their queue."""
    subject = subject_of(line)
    if subject in ("event", "given_up"):
        return _RESTORERS[line["of"]]
    return _RESTORERS.get(line[subject] if subject in ("events", "delivery") else subject, _restore_by_commands)


def _restore_by_commands(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    for batch in make_batches(lines, _LINES):
        run_in_one_step(client, [command for line in batch for command in commands(line)])
        yield len(batch)


def _restore_renames(client: Client, lines: _Lines) -> Iterator[int]:
    """Restore renames, except those that lead into a circle or begin too long a chain."""
    renames = {line["renamed"]: line for line in lines}
    accepted: list[Line] = []
    for end, line in renames.items():
        followed = 0
        while end in renames and followed <= _MAX_CHAIN:
            end, followed = renames[end]["to"], followed + 1
        if followed <= _MAX_CHAIN:
            accepted.append(line)
    yield from _replace_keys([RENAMES_KEY], client, accepted)


def _restore_votes(client: Client, lines: _Lines) -> Iterator[int]:
    """Add votes to the current id of their feature: a `serve` may have merged features since the restore began."""
    for line in lines:
        subject = subject_of(line)
        votes = line[_FIELDS_OF_VOTES[subject]]
        if subject == "reasons":
            votes = {account: Given(*reason) for account, reason in votes.items()}
        args = [line[subject], subject, today(), *(votes if subject == "votes" else flat(votes))]
        client.run(_VOTES, VOTES_KEYS, list(map(encoded, args)))
        yield 1


def _replace_keys(keys: Sequence[str], client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Delete keys that a `serve` may have written, and restore lines into them, in one step."""
    lines = list(lines)
    run_in_one_step(client, [("DEL", *keys), *(command for line in lines for command in commands(line))])
    yield len(lines)


def _restore_requests(client: Client, lines: _Lines) -> Iterator[int]:
    """Restore a request in one step with its messages, which are before it, and its places in lists."""
    messages: list[Any] = []
    for line in lines:
        if subject_of(line) == "message":
            messages += [line[name] for name in ("message", "author", "by", "name", "at", "text")]
        else:
            fields, slugs = flat(line["fields"]), line["open"]
            args = [line["request"], len(fields), *fields, len(slugs), *slugs, *messages]
            client.run(_REQUEST, FEEDBACK_KEYS, list(map(encoded, args)))
            messages = []
        yield 1


def _restore_accounts(client: Client, lines: _Lines) -> Iterator[int]:
    for batch in make_batches(lines, _FIELDS, lambda line: max(_FIELDS // _LINES, len(line["fields"]))):
        args: list[Any] = []
        for line in batch:
            fields = flat(line["fields"])
            args += [line.get("expires", ""), len(fields), *fields]
        client.run(_ACCOUNT, [account_key(line["account"]) for line in batch], list(map(encoded, args)))
        yield len(batch)


_restore_changes = partial(
    _replace_keys, [*CHANGES.keys, history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY]
)

#: The restorers of subjects and of queues. The lines of other subjects are restored by their own commands.
_RESTORERS: dict[str, _Restorer] = {
    "renamed": _restore_renames,
    **dict.fromkeys(_FIELDS_OF_VOTES, _restore_votes),
    **dict.fromkeys(("registry", "revision", "released", CHANGES.name), _restore_changes),
    REQUESTS.name: partial(_replace_keys, REQUESTS.keys),
    **dict.fromkeys(("message", "request"), _restore_requests),
    "account": _restore_accounts,
}
