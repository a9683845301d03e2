"""Votes as JSON lines, one a vote: `{"feature": "linkedin", "voter": "alice", "day": "2026-11-26"}`.

`day` is missing where it is not known. `reason` is why it was cast, where that was said, and `at` when that was, in
milliseconds since 1970.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import IO, Any, NamedTuple

from service.accounts import actor
from service.accounts.model import is_id
from service.audit.model import Action, Actor
from service.interest.maintenance import BATCH, Told, add_voters, told, voters
from service.interest.reason import Given, checked
from service.problems import InvalidField, InvalidVotes
from service.registry.model import Registry
from service.registry.schema import is_name
from service.storage.client import Client
from service.storage.entries import has_begun, is_time
from service.wording import json_text, shortened

_NEEDED = {"feature", "voter"}
_FIELDS = _NEEDED | {"day", "reason", "at"}


class Vote(NamedTuple):
    """One account's vote for one feature; as text it is a line."""

    feature: str
    voter: str
    told: Told = Told()

    def __str__(self) -> str:
        day, (at, reason) = self.told
        said = {"reason": reason, "at": at} if reason else {}
        return json_text({"feature": self.feature, "voter": self.voter} | ({"day": day} if day else {}) | said)


def lines(client: Client, features: Iterable[str], registry: Registry, *, by: Actor, about: str = "") -> Iterator[str]:
    """Every vote for these features, a line each; `about` is recorded, the one that was asked for.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable.
    """
    with actor.intended(client, by, Action.VOTES_EXPORTED, about=about):
        for feature in features:
            left = voters(client, feature, registry)
            while some := list(islice(left, BATCH)):
                known = told(client, feature, some, registry)
                yield from (str(Vote(feature, voter, known[voter])) for voter in some)


def parse(file: IO[str], name: str) -> Iterator[Vote]:
    """The votes of a file; blank lines are passed over. Raises InvalidVotes with the line that is wrong."""
    for number in count(1):
        try:
            line = file.readline()
            vote = _vote(json.loads(line)) if line.strip() else None
        except InvalidField as error:
            raise InvalidVotes(f"{name}:{number}: {error.message.removesuffix('.')}") from None
        except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, too
            raise InvalidVotes(f"{name}:{number}: not JSON: {error}") from None
        if vote:
            yield vote
        elif not line:
            return


def _vote(value: Any) -> Vote:
    """A vote as JSON has it. Raises InvalidField."""
    if not isinstance(value, dict) or not _NEEDED <= value.keys() <= _FIELDS:
        raise InvalidField("not a vote;", 'write {"feature": "linkedin", "voter": "alice"}')
    day, reason, at = value.get("day", ""), checked(value.get("reason", "")), value.get("at", 0)
    rules: list[tuple[str, Callable[[str], bool], str]] = [
        ("feature", is_name, "the id of a feature"),
        ("voter", is_id, "the id of an account"),
        ("day", lambda day: not day or has_begun(day), "a day such as 2026-11-26, at most one day ahead"),
    ]
    for field, is_right, what in rules:
        text = value.get(field, "")
        if not isinstance(text, str) or not is_right(text):
            raise InvalidField(field, f"must be {what}, not {shortened(json.dumps(text))}")
    if not is_time(at):
        raise InvalidField("at", f"must be milliseconds since 1970, not {shortened(json.dumps(at))}")
    return Vote(value["feature"], value["voter"], Told(day, Given(at, reason) if reason else Given()))


def add(client: Client, votes: Iterable[Vote], *, by: Actor) -> Iterator[tuple[int, int]]:
    """Record votes, and say after each step how many of them it took and how many were new. Can run twice.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable; what was recorded
    until then stays, and a second run adds the rest.
    """
    total = 0
    with actor.intended(client, by, Action.VOTES_IMPORTED) as act:
        for feature, some in _batches(votes):
            known = {vote.voter: vote.told for vote in reversed(some)}  # of several for one voter, the first counts
            new = add_voters(client, feature, list(known), known)
            total += new
            yield len(some), new
        act.after = str(total)


def _batches(votes: Iterable[Vote]) -> Iterator[tuple[str, list[Vote]]]:
    waiting: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        feature = vote.feature
        waiting[feature].append(vote)
        if len(waiting[feature]) == BATCH:
            yield feature, waiting.pop(feature)
    yield from waiting.items()
