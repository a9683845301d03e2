"""Votes as JSON lines, one a vote: `{"feature": "linkedin", "voter": "alice"}`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import IO, NamedTuple

from service.accounts import actor
from service.accounts.model import is_id
from service.audit.model import Action, Actor
from service.interest.maintenance import BATCH, add_voters, voters
from service.problems import InvalidVotes
from service.registry.model import Registry
from service.registry.schema import is_name
from service.storage.client import Client
from service.wording import json_text, shortened


class Vote(NamedTuple):
    """One account's vote for one feature."""

    feature: str
    voter: str


def lines(client: Client, features: Iterable[str], registry: Registry, *, by: Actor, about: str = "") -> Iterator[str]:
    """Every vote for these features, a line each; `about` is recorded, the one that was asked for.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable.
    """
    with actor.intended(client, by, Action.VOTES_EXPORTED, about=about):
        for feature in features:
            for voter in voters(client, feature, registry):
                yield json_text({"feature": feature, "voter": voter})


def parse(file: IO[str], name: str) -> Iterator[Vote]:
    """The votes of a file; blank lines are passed over. Raises InvalidVotes with the line that is wrong."""
    for number in count(1):
        try:
            line = file.readline()
            value = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, too
            raise InvalidVotes(f"{name}:{number}: not JSON: {error}") from None
        if not line:
            return
        if not line.strip():
            continue
        if not isinstance(value, dict) or set(value) != {"feature", "voter"}:
            raise InvalidVotes(f'{name}:{number}: not a vote; write {{"feature": "linkedin", "voter": "alice"}}')
        for field, is_one, of in (("feature", is_name, "a feature"), ("voter", is_id, "an account")):
            if not isinstance(value[field], str) or not is_one(value[field]):
                given = shortened(json.dumps(value[field]))
                raise InvalidVotes(f"{name}:{number}: {field} must be the id of {of}, not {given}")
        yield Vote(**value)


def add(client: Client, votes: Iterable[Vote], *, by: Actor) -> Iterator[tuple[int, int]]:
    """Record votes, and say after each step how many of them it took and how many were new. Can run twice.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable; what was recorded
    until then stays, and a second run adds the rest.
    """
    total = 0
    with actor.intended(client, by, Action.VOTES_IMPORTED) as act:
        for feature, ids in _batches(votes):
            new = add_voters(client, feature, ids)
            total += new
            yield len(ids), new
        act.after = str(total)


def _batches(votes: Iterable[Vote]) -> Iterator[tuple[str, list[str]]]:
    waiting: dict[str, list[str]] = defaultdict(list)
    for feature, voter in votes:
        waiting[feature].append(voter)
        if len(waiting[feature]) == BATCH:
            yield feature, waiting.pop(feature)
    yield from waiting.items()
