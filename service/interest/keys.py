"""The Redis keys of votes.

A feature's votes are kept under its canonical id: its own, until it is merged into another feature. Every script
follows the hash of renames, also for workers whose registry is from before a rename.
"""

from __future__ import annotations

from service.storage.form import key

#: Hash: feature id -> the id that its votes were merged into.
RENAMES_KEY = key("renames")

#: Sorted set: the token buckets of accounts, for votes; see service/storage/lua/token_bucket.lua.
BUCKETS_KEY = key("vote-buckets")


def interest_key(feature_id: str) -> str:
    """The set of account ids that want a feature."""
    return key("interest", feature_id)


def trend_key(feature_id: str) -> str:
    """The hash of a feature's net votes by ISO day (UTC); no personal data."""
    return key("trend", feature_id)


def voted_key(feature_id: str) -> str:
    """The hash of the ISO day (UTC) of each vote, by account id; votes of before days were kept have none."""
    return key("voted", feature_id)


def reasons_key(feature_id: str) -> str:
    """The hash of why accounts want a feature, by account id: the millisecond since 1970 of then, a blank, the text."""
    return key("reasons", feature_id)


def dismissed_key(account_id: str) -> str:
    """The hash of what an account is not to be told any more: the slug of a module that shipped -> when it said so.

    The time is in milliseconds since 1970.
    """
    return key("dismissed", account_id)


#: What every script of votes is called with: see lua/votes.lua.
VOTES_KEYS = [RENAMES_KEY, interest_key(""), trend_key(""), voted_key(""), reasons_key("")]
