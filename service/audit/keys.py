"""The Redis keys of what admins did."""

from __future__ import annotations

from service.storage.form import key

#: Stream: the entries. They hold pseudonyms of people, and neither an account id nor a name.
ENTRIES_KEY = key("audit", "entries")

#: Hash: id of an act that takes several steps -> how it ended, in JSON; nothing as long as that is not known.
OUTCOMES_KEY = key("audit", "outcomes")

#: Hash: account id -> pseudonym.
PSEUDONYMS_KEY = key("audit", "pseudonyms")

#: Hash: pseudonym -> account id.
PEOPLE_KEY = key("audit", "people")

#: What every script that records is called with, in this order: see lua/record.lua.
AUDIT_KEYS = [ENTRIES_KEY, OUTCOMES_KEY, PSEUDONYMS_KEY, PEOPLE_KEY]
