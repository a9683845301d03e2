"""Which keys of Redis are saved, and of which type each is; and which are not, and why."""

from __future__ import annotations

from service.accounts.model import account_key
from service.audit.keys import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.feedback import keys as feedback
from service.history import keys as history
from service.interest.keys import BUCKETS_KEY, RENAMES_KEY, dismissed_key, interest_key, trend_key
from service.storage.form import FORM_KEY
from service.webhooks.keys import CHANGES, REQUESTS
from service.workers.announcements import WORKERS_KEY

#: Stream: entries that are put together while a backup is restored; it takes the place of the others then.
RESTORED_KEY = f"{ENTRIES_KEY}:restored"

#: What the name of a key that is saved is, or begins with where a name follows -> its type.
SAVED: dict[str, str] = {
    RENAMES_KEY: "hash",
    trend_key(""): "hash",
    interest_key(""): "set",
    dismissed_key(""): "hash",
    feedback.SLUGS_KEY: "set",
    feedback.SEQUENCE_KEY: "string",
    feedback.of_key(""): "zset",
    feedback.open_key(""): "hash",
    feedback.queue_key(""): "zset",
    feedback.answers_key(""): "set",
    feedback.messages_key(""): "list",
    feedback.thread_key(""): "hash",
    feedback.EVENTS_KEY: "stream",
    REQUESTS.state_key: "hash",
    REQUESTS.given_up_key: "hash",
    history.REGISTRY_KEY: "hash",
    history.REVISIONS_KEY: "zset",
    history.EVENTS_KEY: "stream",
    history.of_key(""): "list",
    history.RELEASED_KEY: "hash",
    CHANGES.state_key: "hash",
    CHANGES.given_up_key: "hash",
    PSEUDONYMS_KEY: "hash",
    OUTCOMES_KEY: "hash",
    ENTRIES_KEY: "stream",
    account_key(""): "hash",
}

#: The same of keys that are not saved -> why.
LEFT_OUT: dict[str, str] = {
    PEOPLE_KEY: "made again of the pseudonyms",
    WORKERS_KEY: "workers that live say it again",
    "sign-in-token:": "links of a store that is gone open no session of another",
    "openid-spent:": "a sign-in that was under way is begun anew",
    "sign-in-address": "`serve` says it at its start",
    "barrier:": "holds for a second",
    BUCKETS_KEY: "buckets are full after a restart, too",
    feedback.BUCKETS_KEY: "the same",
    FORM_KEY: "that of a store is its own",
    RESTORED_KEY: "is there while a backup is restored",
}


def kind_of(key: bytes) -> str | None:
    """The entry of SAVED that a key belongs to; None for one that is not saved."""
    text = key.decode("utf-8", "surrogateescape")
    if text in SAVED:
        return text
    return next((name for name in SAVED if name.endswith(":") and text.startswith(name)), None)
