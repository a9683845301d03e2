"""Which keys of Redis a backup tells of; and of which it does not, and why."""

from __future__ import annotations

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.feedback import keys as feedback
from service.history import store as history
from service.history.workers import WORKERS_KEY
from service.interest.keys import BUCKETS_KEY, RENAMES_KEY, dismissed_key, interest_key, trend_key
from service.storage.durability import BARRIER_KEY
from service.storage.form import FORM_KEY, key
from service.webhooks.keys import CHANGES, REQUESTS

#: What the name of a key that is told of is, or begins with where a name follows -> its kind (parts.py).
TOLD: dict[str, str] = {
    RENAMES_KEY: "renames",
    trend_key(""): "trend",
    interest_key(""): "votes",
    dismissed_key(""): "dismissed",
    feedback.open_key(""): "open",
    feedback.messages_key(""): "messages",
    feedback.thread_key(""): "thread",
    feedback.EVENTS_KEY: "requests",
    REQUESTS.state_key: "requests-delivery",
    REQUESTS.given_up_key: "requests-given-up",
    history.REGISTRY_KEY: "registry",
    history.REVISIONS_KEY: "revisions",
    history.EVENTS_KEY: "changes",
    history.RELEASED_KEY: "released",
    CHANGES.state_key: "changes-delivery",
    CHANGES.given_up_key: "changes-given-up",
    PSEUDONYMS_KEY: "pseudonyms",
    OUTCOMES_KEY: "outcomes",
    ENTRIES_KEY: "entries",
    account_key(""): "account",
}

_OF_REQUESTS = "made again of the requests"

#: The same of keys that are not told of -> why.
LEFT_OUT: dict[str, str] = {
    feedback.of_key(""): _OF_REQUESTS,
    feedback.queue_key(""): _OF_REQUESTS,
    feedback.answers_key(""): _OF_REQUESTS,
    feedback.SLUGS_KEY: _OF_REQUESTS,
    feedback.SEQUENCE_KEY: _OF_REQUESTS,
    history.of_key(""): "made again of what changed",
    PEOPLE_KEY: "made again of the pseudonyms",
    WORKERS_KEY: "workers that live say it again",
    key("sign-in-token", ""): "links of a store that is gone open no session of another",
    key("openid-spent", ""): "a sign-in that was under way is begun anew",
    key("sign-in-address"): "`serve` says it at its start",
    BARRIER_KEY: "holds for a second",
    BUCKETS_KEY: "buckets are full after a restart, too",
    feedback.BUCKETS_KEY: "the same",
    FORM_KEY: "that of a store is its own",
}
