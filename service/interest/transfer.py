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
        vote = Vote(**value)
        if not isinstance(vote.feature, str) or not is_name(vote.feature):
            raise _refused(f"{name}:{number}", "feature must be the id of a feature", vote.feature)
        if not isinstance(vote.voter, str) or not is_id(vote.voter):
            raise _refused(f"{name}:{number}", "voter must be the id of an account", vote.voter)
        yield vote


def _refused(place: str, reason: str, given: object) -> InvalidVotes:
    return InvalidVotes(f"{place}: {reason}, not {shortened(json.dumps(given))}")


def add(client: Client, votes: Iterable[Vote], *, by: Actor) -> Iterator[tuple[int, int]]:
    """Record votes, and say after each step how many of them it took and how many were new. Can run twice.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable; what was recorded
    until then stays, and a second run adds the rest.
    """
    total = 0
    with actor.intended(client, by, Action.VOTES_IMPORTED) as act:
        for taken, new in _add(client, votes):
            total += new
            yield taken, new
        act.after = str(total)


def _add(client: Client, votes: Iterable[Vote]) -> Iterator[tuple[int, int]]:
    waiting: dict[str, list[str]] = defaultdict(list)
    for feature, voter in votes:
        waiting[feature].append(voter)
        if len(waiting[feature]) == BATCH:
            yield BATCH, add_voters(client, feature, waiting.pop(feature))
    for feature, ids in waiting.items():
        yield len(ids), add_voters(client, feature, ids)
