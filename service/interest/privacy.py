"""What is kept of a person's votes. Trends count votes by day, and name nobody."""

from __future__ import annotations

from service.accounts.privacy import Kept, Kind, Place, when
from service.interest.keys import BUCKETS_KEY, dismissed_key, interest_key, reasons_key, voted_key
from service.interest.maintenance import stored_features, withdraw_all
from service.interest.reason import parsed
from service.problems import StorageUnavailable
from service.storage.client import Client


def _votes(client: Client, account_id: str) -> Kept:
    """What the account wants, allowed or not, by the ids that votes are kept under, since which day, and why.

    Its token bucket is named alone: all that it says is that somebody voted a moment ago.
    """
    votes, places = [], list[Place]()
    for id in stored_features(client):
        if client.command("SISMEMBER", interest_key(id), account_id):
            beside = (voted_key(id), reasons_key(id))
            day, reason = kept = [client.command("HGET", key, account_id) for key in beside]
            at, text = parsed(reason or "")
            votes.append({"feature": id, "day": day, "reason": text or None, "said": when(at) if text else None})
            places += [Place(key, account_id) for key, value in zip(beside, kept, strict=True) if value]
            places.append(Place(interest_key(id), account_id))
    if client.command("ZSCORE", BUCKETS_KEY, account_id) is not None:
        places.append(Place(BUCKETS_KEY, account_id))
    return Kept(votes, places)


def _erase_votes(client: Client, account_id: str) -> int:
    client.command("ZREM", BUCKETS_KEY, account_id)
    return withdraw_all(client, account_id)


def _dismissed(client: Client, account_id: str) -> Kept:
    """What the account is not to be told any more, and since when."""
    key = dismissed_key(account_id)
    try:
        times = {slug: when(int(time)) for slug, time in dict(client.command("HGETALL", key)).items()}
    except ValueError:
        raise StorageUnavailable(f"{key} holds what is no time") from None
    return Kept(times, [Place(key)] if times else [])


VOTES = Kind("votes", _votes, lambda client, account_id, _: _erase_votes(client, account_id))
DISMISSED = Kind(
    "dismissed", _dismissed, lambda client, account_id, _: client.command("DEL", dismissed_key(account_id))
)
