"""What is kept of a person's votes. Trends count votes by day, and name nobody."""

from __future__ import annotations

from service.accounts.privacy import Kept, Kind, Place, when
from service.interest.keys import BUCKETS_KEY, dismissed_key, interest_key
from service.interest.maintenance import stored_features, withdraw_all
from service.problems import StorageUnavailable
from service.storage.client import Client


def _votes(client: Client, account_id: str) -> Kept:
    """The features that the account wants, allowed or not, by the ids that their votes are kept under.

    Its token bucket is named alone: all that it says is that somebody voted a moment ago.
    """
    wanted = [id for id in stored_features(client) if client.command("SISMEMBER", interest_key(id), account_id)]
    places = [Place(interest_key(id), account_id) for id in wanted]
    if client.command("ZSCORE", BUCKETS_KEY, account_id) is not None:
        places.append(Place(BUCKETS_KEY, account_id))
    return Kept(wanted, places)


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
