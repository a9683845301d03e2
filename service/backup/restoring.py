"""Restoring a backup into a store that is empty, but for accounts of the platform and for what a `serve` has written.

Nobody is signed in before all else is there, since accounts come last.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from types import NoneType
from typing import Any

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY
from service.backup.stored import batches, step
from service.backup.subjects import Line, commands, encoded, flat, subject_of
from service.feedback.keys import FEEDBACK_KEYS, thread_key
from service.history import store as history
from service.interest.keys import RENAMES_KEY, VOTES_KEYS, interest_key, trend_key
from service.interest.reason import Given
from service.interest.store import today
from service.storage.client import Client
from service.storage.script import Script
from service.webhooks.store import CHANGES, REQUESTS

#: How many lines one step restores: they have 20 MiB at most, and take five times as much memory.
_LINES = 20

#: The fields of accounts that one step restores, or those of a single account: each takes 500 bytes meanwhile.
_FIELDS = 1000

#: Renames that lead from one to the next are followed one by one, by every script.
_LONGEST_CHAIN = 100

_ACCOUNT = Script.load("backup/accounts", returns=NoneType)
_REQUEST = Script.load("feedback/threads", "backup/request", returns=NoneType)
_VOTES = Script.load("interest/votes", "backup/votes", returns=NoneType)

#: What lines say of the votes for a feature.
_OF_VOTES = {"trend": "days", "votes": "of", "voted": "on", "reasons": "by"}

_Lines = Iterator[Line]


def holdings(client: Client) -> list[str]:
    """What a store has of votes, requests and acts of admins: nothing where it is empty. Raises StorageUnavailable."""
    kinds = {"votes": interest_key("*"), "trends": trend_key("*"), "requests": thread_key("*")}
    nouns = [noun for noun, pattern in kinds.items() if next(client.scan(pattern), None) is not None]
    return [*nouns, *(["acts of admins"] if client.command("XLEN", ENTRIES_KEY) else [])]


def restore(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Restore what the lines of a backup tell, in their order, and say after each step how many it took.

    Accounts that are there stay as they are. Raises StorageUnavailable; what was restored until then stays.
    """
    client.command("DEL", RENAMES_KEY)  # a `serve` may have written some that hide votes, or make a circle
    for restorer, some in groupby(lines, _restorer):
        yield from restorer(client, some)


def _restorer(line: Line) -> Callable[[Client, _Lines], Iterator[int]]:
    """What restores a line, which for events and what goes with them depends on whose they are."""
    subject = subject_of(line)
    if subject in ("event", "given_up"):
        return _RESTORERS[line["of"]]
    return _RESTORERS.get(line[subject] if subject in ("events", "delivery") else subject, _written)


def _written(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    for batch in batches(lines, _LINES):
        step(client, [command for line in batch for command in commands(line)])
        yield len(batch)


def _renames(client: Client, lines: _Lines) -> Iterator[int]:
    """Renames as they were, but for those that make a circle, or begin a chain so long that it would be felt."""
    renames = {line["renamed"]: line for line in lines}
    known: list[Line] = []
    for end, line in renames.items():
        followed = 0
        while end in renames and followed <= _LONGEST_CHAIN:
            end, followed = renames[end]["to"], followed + 1
        known += [line] if followed <= _LONGEST_CHAIN else []
    yield from _anew([RENAMES_KEY], client, known)


def _votes(client: Client, lines: _Lines) -> Iterator[int]:
    """What is kept of votes, where they are kept: a `serve` may have merged features meanwhile."""
    for line in lines:
        subject = subject_of(line)
        said = line[_OF_VOTES[subject]]
        if subject == "reasons":
            said = {account: Given(*each) for account, each in said.items()}
        args = [line[subject], subject, today(), *(said if subject == "votes" else flat(said))]
        client.run(_VOTES, VOTES_KEYS, list(map(encoded, args)))
        yield 1


def _anew(keys: Sequence[str], client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Restore lines in place of what a `serve` has written into these keys, in one step."""
    whole = list(lines)
    step(client, [("DEL", *keys), *(command for line in whole for command in commands(line))])
    yield len(whole)


def _requests(client: Client, lines: _Lines) -> Iterator[int]:
    """Each request in one step, with its messages, which stand before it, and its places in lists."""
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


def _accounts(client: Client, lines: _Lines) -> Iterator[int]:
    for batch in batches(lines, _FIELDS, lambda line: max(_FIELDS // _LINES, len(line["fields"]))):
        args: list[Any] = []
        for line in batch:
            fields = flat(line["fields"])
            args += [line.get("expires", ""), len(fields), *fields]
        client.run(_ACCOUNT, [account_key(line["account"]) for line in batch], list(map(encoded, args)))
        yield len(batch)


_changes = partial(_anew, [*CHANGES.keys, history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY])

#: What restores a subject, or what is told of a queue, where no command of each line does.
_RESTORERS: dict[str, Callable[[Client, _Lines], Iterator[int]]] = {
    "renamed": _renames,
    **dict.fromkeys(_OF_VOTES, _votes),
    **dict.fromkeys(("registry", "revision", "released", CHANGES.name), _changes),
    REQUESTS.name: partial(_anew, REQUESTS.keys),
    **dict.fromkeys(("message", "request"), _requests),
    "account": _accounts,
}
