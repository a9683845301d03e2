"""The Redis keys and Lua scripts of votes on a Redis Cluster, where one script reaches only the keys of one slot.

What `scripts` does in one step is done in several here; `cluster` puts them together. `renames` is the one arbiter of
homes, as it is on a single server. These keys are added:

- `moving:{renames}`: hash, feature id -> the id that its votes are on their way to
- `renamed:{<feature id>}`: string, where the feature's votes went or go. From then on they do not change here
- `taken:{<feature id>}`: hash, the id of a feature whose votes came here -> "<votes>:<those of people who had both>"
- `lease:{<feature id>}` and `staging:{<feature id>}:...`: kept for minutes at most, while votes move
"""

from __future__ import annotations

from service.interest.scripts import HOME, JOIN, RENAME, RENAMES_KEY, STEP, interest_key, trend_key
from service.storage.client import Script

#: The keys of the scripts that decide; `moving` is in the slot of `renames`.
MOVING_KEY = f"moving:{{{RENAMES_KEY}}}"
DECIDING_KEYS = [RENAMES_KEY, MOVING_KEY]


def mark_key(feature_id: str) -> str:
    """Says where a feature's votes went; without it they are here."""
    return f"renamed:{{{feature_id}}}"


def lease_key(feature_id: str) -> str:
    """There while someone moves a feature's many votes."""
    return f"lease:{{{feature_id}}}"


def feature_keys(feature_id: str) -> list[str]:
    """The keys that CHANGE touches."""
    return [interest_key(feature_id), trend_key(feature_id), mark_key(feature_id)]


def taken_key(feature_id: str) -> str:
    """Whose votes came to this feature. It is kept for good: who comes late must find it."""
    return f"taken:{{{feature_id}}}"


def staging_key(feature_id: str, origin: str, copier: str) -> str:
    """Where one copier gathers the votes of `origin` in the slot of the feature that gets them."""
    return f"staging:{{{feature_id}}}:{origin}:{copier}"


_MERGE = """
local function merge(old, new)
  local from, to = home(old), home(new)
  if from == to then return {} end
  redis.call('HSET', KEYS[1], from, to)
  redis.call('HSET', KEYS[2], from, to)
  return {from, to}
end
"""

#: KEYS: DECIDING_KEYS. ARGV: how many features are asked for, how many the registry has, both, then former and current
#: id of each rename. Returns the home of each that was asked for, then origin and target of each move that leads there.
DECIDE = Script(
    HOME
    + _MERGE
    + RENAME
    + """
local asked = 2 + ARGV[1]
local last = asked + ARGV[2]
for i = last + 1, #ARGV, 2 do rename(ARGV[i], ARGV[i + 1], asked + 1, last) end
local reply, wanted = {}, {}
for i = 3, asked do
  local id = home(ARGV[i])
  reply[#reply + 1] = id
  wanted[id] = true
end
local moves = redis.call('HGETALL', KEYS[2])
for i = 1, #moves, 2 do
  if wanted[home(moves[i])] then
    reply[#reply + 1] = moves[i]
    reply[#reply + 1] = moves[i + 1]
  end
end
return reply
"""
)

#: KEYS: DECIDING_KEYS. ARGV: former id, current id. Returns origin and target of the move; nothing where they are one.
MERGE = Script(HOME + _MERGE + "return merge(ARGV[1], ARGV[2])")

#: KEYS: feature_keys. ARGV: SADD or SREM, day, voters. Returns how many votes it added or removed, or nil where the
#: feature's votes have gone, or are going, elsewhere.
CHANGE = Script(
    STEP
    + """
if redis.call('EXISTS', KEYS[3]) == 1 then return false end
local changed = 0
for i = 3, #ARGV do changed = changed + change(ARGV[1], KEYS[1], KEYS[2], ARGV[i], ARGV[2]) end
return changed
"""
)

#: KEYS: staging. ARGV: seconds until it expires, voters.
STAGE = Script("""
for i = 2, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
""")

#: KEYS: feature_keys and taken of the target, staging. ARGV: origin, day, number of votes to be in staging, and the
#: origin's trend. Returns what `taken` says of the origin; or the id that the target's own votes went to; or nil where
#: staging is not complete. Whoever comes first counts: an origin that is taken is not taken again.
TAKE = Script(
    JOIN
    + """
local reply = redis.call('HGET', KEYS[4], ARGV[1])
if reply then
  reply = {reply}
else
  reply = redis.call('GET', KEYS[3])
  if not reply and redis.call('SCARD', KEYS[5]) == tonumber(ARGV[3]) then
    local days = {}
    for i = 4, #ARGV do days[i - 3] = ARGV[i] end
    local merged = join(KEYS[1], KEYS[2], KEYS[5], days, ARGV[2])
    reply = {merged[1] .. ':' .. merged[2]}
    redis.call('HSET', KEYS[4], ARGV[1], reply[1])
  end
end
redis.call('DEL', KEYS[5])
return reply
"""
)
