"""The Redis keys of what admins did. Their hash tag has them all in one slot, where one script reaches them."""

from __future__ import annotations

#: Stream: the entries. They hold pseudonyms of people, and neither an account id nor a name.
ENTRIES_KEY = "{audit}:entries"

#: Hash: id of an act that takes several steps -> how it ended, in JSON; nothing as long as that is not known.
OUTCOMES_KEY = "{audit}:outcomes"

#: Hash: account id -> pseudonym.
PSEUDONYMS_KEY = "{audit}:pseudonyms"

#: Hash: pseudonym -> account id.
PEOPLE_KEY = "{audit}:people"

#: What every script that records is called with, in this order: see lua/record.lua.
AUDIT_KEYS = [ENTRIES_KEY, OUTCOMES_KEY, PSEUDONYMS_KEY, PEOPLE_KEY]
