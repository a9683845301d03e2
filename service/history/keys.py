"""The Redis keys of what changed."""

from __future__ import annotations

from service.storage.form import key

#: Hash: the last registry that came into force: its `revision`, its `form` (form.py), and when it was `seen`, in
#: milliseconds since 1970.
REGISTRY_KEY = key("changes", "registry")

#: Sorted set: the revisions that were ever in force, by the millisecond since 1970 at which each was last recorded.
REVISIONS_KEY = key("changes", "revisions")

#: Stream: every event, as JSON in the field `event`.
EVENTS_KEY = key("changes", "events")

#: Hash: slug -> the millisecond since 1970 of its last release.
RELEASED_KEY = key("changes", "released")


def of_key(slug: str) -> str:
    """The list of the ids of one slug's latest events, newest first."""
    return key("changes", "of", slug)
