"""The Redis keys of votes, and the Lua scripts that change them in one atomic step.

A feature's votes are kept at its home: the key of its own id, until it is merged into another feature. From then on the
hash `renames` points to where they went, and every script follows it, whichever id it is called with. Workers that
still hold a registry from before a rename therefore read and write the same set as those that hold the new one.
"""

from __future__ import annotations

from service.accounts.sessions import RULES
from service.storage.client import Script

#: Feature id -> the id that its votes were merged into. Homes point to homes, so there are no loops.
RENAMES_KEY = "renames"


def interest_key(feature_id: str) -> str:
    """The set of account ids that want a feature; the braces are a Redis Cluster hash tag."""
    return f"interest:{{{feature_id}}}"


def trend_key(feature_id: str) -> str:
    """The hash of a feature's net votes by ISO day (UTC); no personal data."""
    return f"trend:{{{feature_id}}}"


#: `home(id)`: where a feature's votes are kept.
HOME = f"""
local function home(id)
  local to = redis.call('HGET', '{RENAMES_KEY}', id)
  while to do
    id = to
    to = redis.call('HGET', '{RENAMES_KEY}', id)
  end
  return id
end
"""

#: `rename(old, new, first, last, day)`; `merge(old, new, day)`, which differs on a Redis Cluster, comes before it.
RENAME = """
-- Do what a registry's `formerly` asks for. Votes that another feature of the registry has by now stay with it: only
-- `votes merge` makes one of two features that can be voted for. The registry's features are ARGV[first] to ARGV[last].
local function rename(old, new, first, last, day)
  local from = home(old)
  if from == home(new) then return end
  for i = first, last do
    if ARGV[i] ~= new and home(ARGV[i]) == from then return end
  end
  merge(old, new, day)
end
"""

#: `change(command, interest key, trend key, voter, day)`: one SADD or SREM, with the trend. Returns 1 or 0.
STEP = """
local function change(command, interest, trend, voter, day)
  local changed = redis.call(command, interest, voter)
  if changed == 1 then redis.call('HINCRBY', trend, day, command == 'SADD' and 1 or -1) end
  return changed
end
"""

#: `join(interest, trend, other interest, other trend by day, day)`: add one feature's votes to another's, each voter
#: once; returns how many were added, and how many of their voters had voted for both.
JOIN = """
local function join(interest, trend, from, days, day)
  local moved = redis.call('SCARD', from)
  local votes = moved + redis.call('SCARD', interest)
  local double = votes - redis.call('SUNIONSTORE', interest, interest, from)
  for i = 1, #days, 2 do redis.call('HINCRBY', trend, days[i], days[i + 1]) end
  if double > 0 then redis.call('HINCRBY', trend, day, -double) end
  return {moved, double}
end
"""

_COMMON = (
    HOME
    + JOIN
    + f"""
local function interest(id) return '{interest_key("' .. id .. '")}' end
local function trend(id) return '{trend_key("' .. id .. '")}' end

-- Move one feature's votes to another, each voter once; returns how many moved, and how many of those it had already.
local function merge(old, new, day)
  local from, to = home(old), home(new)
  if from == to then return {{0, 0}} end
  local merged = join(interest(to), trend(to), interest(from), redis.call('HGETALL', trend(from)), day)
  redis.call('DEL', interest(from), trend(from))
  redis.call('HSET', '{RENAMES_KEY}', from, to)
  return merged
end
"""
    + RENAME
    + STEP
)

#: KEYS: account. ARGV: voter, generation of the session, day, SADD or SREM, feature, number of features, the features,
#: the former ids of the one. Returns the account's status.
VOTE = Script(
    RULES
    + _COMMON
    + """
local status = status_for(KEYS[1], ARGV[2])
if may_vote(status) then
  local last = 6 + ARGV[6]
  for i = last + 1, #ARGV do rename(ARGV[i], ARGV[5], 7, last, ARGV[3]) end
  local id = home(ARGV[5])
  change(ARGV[4], interest(id), trend(id), ARGV[1], ARGV[3])
end
return status
"""
)

#: KEYS: account. ARGV: voter, generation of the session, day, number of features, the features, then former and current
#: id of each rename. Returns the account's status, the count of each feature, and those that the voter wants.
READ = Script(
    RULES
    + _COMMON
    + """
local call, voter = redis.call, ARGV[1]
local status = status_for(KEYS[1], ARGV[2])
local counts, wanted = {}, {}
if may_read(status) then
  local last = 4 + ARGV[4]
  for i = last + 1, #ARGV, 2 do rename(ARGV[i], ARGV[i + 1], 5, last, ARGV[3]) end
  local renamed = call('EXISTS', 'RENAMES') == 1
  for i = 5, last do
    local id = ARGV[i]
    local key = interest(renamed and home(id) or id)
    counts[i - 4] = call('SCARD', key)
    if call('SISMEMBER', key, voter) == 1 then wanted[#wanted + 1] = id end
  end
end
return {status, counts, wanted}
""".replace("RENAMES", RENAMES_KEY)
)

#: ARGV: former id, current id, day. Returns how many votes moved, and how many of their voters had voted for both.
MERGE = Script(_COMMON + "return merge(ARGV[1], ARGV[2], ARGV[3])")

#: ARGV: SADD or SREM, feature, day, voters. Returns how many votes it added or removed.
CHANGE = Script(
    _COMMON
    + """
local changed, id = 0, home(ARGV[2])
for i = 4, #ARGV do changed = changed + change(ARGV[1], interest(id), trend(id), ARGV[i], ARGV[3]) end
return changed
"""
)

#: ARGV: features. Returns the id where the votes of each are kept, and their number.
HOMES = Script(
    _COMMON
    + """
local reply = {}
for i = 1, #ARGV do
  local id = home(ARGV[i])
  reply[#reply + 1] = id
  reply[#reply + 1] = redis.call('SCARD', interest(id))
end
return reply
"""
)
