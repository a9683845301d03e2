"""The Redis keys of votes.

A feature's votes are kept under its canonical id: its own, until it is merged into another feature. Every script
follows the hash of renames, also for workers whose registry is from before a rename.
"""

from functools import partial

from service.storage.form import key

#: Hash: feature id -> the id that its votes were merged into.
RENAMES_KEY = key("renames")

#: Sorted set: the token buckets of accounts, for votes; see service/storage/lua/token_bucket.lua.
BUCKETS_KEY = key("vote-buckets")

#: The set of account ids that want a feature.
interest_key = partial(key, "interest")

#: The hash of a feature's net votes by ISO day (UTC); no personal data.
trend_key = partial(key, "trend")

#: The hash of the ISO day (UTC) of each vote for a feature, by account id; votes of before days were kept have none.
voted_key = partial(key, "voted")

#: The hash of why accounts want a feature, by account id: the millisecond since 1970 of then, a blank, the text.
reasons_key = partial(key, "reasons")

#: The hash of what an account is not to be told any more: the slug of a module that shipped -> the millisecond since
#: 1970 at which it said so.
dismissed_key = partial(key, "dismissed")

#: What says that a vote which somebody pressed for while signed out, by its random id, was told to a page.
spent_key = partial(key, "vote-intent-spent")

#: What every script of votes is called with: see lua/votes.lua.
VOTES_KEYS = [RENAMES_KEY, interest_key(""), trend_key(""), voted_key(""), reasons_key("")]
