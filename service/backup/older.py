"""What was stored before stores had a version: votes under other names of keys, which are carried over once."""

from __future__ import annotations

from collections.abc import Iterator

from service.backup import restoring
from service.backup.format import ITEMS, Record
from service.interest.keys import RENAMES_KEY, interest_key, trend_key
from service.storage import schema
from service.storage.client import Client

_RENAMES = "renames"
_INTEREST, _TREND = "interest:{", "trend:{"


def carry_over(client: Client) -> None:
    """Have a store that says no version yet hold what this one reads, and say so in it.

    Votes are added to those that are there, and their old keys are deleted then; it may be interrupted, and done again.
    Raises StorageUnavailable.
    """
    if client.command("GET", schema.SCHEMA_KEY) is not None:
        return
    keys = [key for prefix in (_INTEREST, _TREND) for key in client.scan(f"{prefix}*}}")]
    if client.command("TYPE", _RENAMES) == "hash":
        keys.append(_RENAMES)
    for _ in restoring.restore(client, _records(client, keys)):
        pass
    for key in keys:
        client.command("DEL", key)
    client.command("SET", schema.SCHEMA_KEY, schema.VERSION, "NX")


def _records(client: Client, keys: list[str]) -> Iterator[Record]:
    """What the old keys hold, as a backup would have it."""
    features = sorted({key.partition("{")[2].removesuffix("}") for key in keys if "{" in key})
    if _RENAMES in keys:
        yield from _of_hash(client, _RENAMES, RENAMES_KEY)
    for feature in features:
        yield from _of_hash(client, f"{_TREND}{feature}}}", trend_key(feature))
        voters: list[bytes] = []
        for voter in client.members(f"{_INTEREST}{feature}}}"):
            voters.append(voter.encode())
            if len(voters) == ITEMS:
                yield Record(interest_key(feature).encode(), voters)
                voters = []
        if voters:
            yield Record(interest_key(feature).encode(), voters)


def _of_hash(client: Client, old: str, new: str) -> Iterator[Record]:
    found = [part.encode() for pair in client.command("HGETALL", old).items() for part in pair]
    if found:
        yield Record(new.encode(), found)
