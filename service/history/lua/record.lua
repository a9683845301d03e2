-- Record what an edit of the registry has changed, unless another registry than expected was recorded last.
-- KEYS[1]  the last registry: a hash of its revision, its form, and the millisecond since 1970 at which it was seen
-- KEYS[2]  a sorted set of the revisions that were ever in force, by that millisecond
-- KEYS[3]  the stream of all events
-- KEYS[4]  what the keys of lists begin with, before a slug: the ids of its events, newest first
-- KEYS[5]  a hash: slug -> the millisecond since 1970 of its last release
-- ARGV[1]  the revision that is expected, or nothing where none is
-- ARGV[2]  the revision that is in force now
-- ARGV[3]  its form
-- ARGV[4]  most revisions
-- ARGV[5]  about how many events are kept of all
-- ARGV[6]  how many events are kept of a slug
-- ARGV[7]  on: of each event its slug, 1 for a release or else 0, and what it says
-- Returns the revision that is recorded after this.
local stored = call('HGET', KEYS[1], 'revision') or ''
if stored ~= ARGV[1] then return stored end

-- All that can fail comes first.
call('ZCARD', KEYS[2])
call('XLEN', KEYS[3])
call('HLEN', KEYS[5])
for i = 7, #ARGV, 3 do call('LLEN', KEYS[4] .. ARGV[i]) end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
for i = 7, #ARGV, 3 do
  local id = call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'event', ARGV[i + 2])
  call('LPUSH', KEYS[4] .. ARGV[i], id)
  call('LTRIM', KEYS[4] .. ARGV[i], 0, ARGV[6] - 1)
  if ARGV[i + 1] == '1' then call('HSET', KEYS[5], ARGV[i], string.match(id, '^%d+')) end
end
call('ZADD', KEYS[2], now, ARGV[2])
call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[4] - 1)
call('HSET', KEYS[1], 'revision', ARGV[2], 'form', ARGV[3], 'seen', now)
return ARGV[2]
