-- What the scripts of webhooks share. All of them are called with these keys:
-- KEYS[1]  events: a stream, whose entries have one field, event
-- KEYS[2]  how far they are delivered: a hash
--          position       id of the entry that was delivered or given up last, or where it began
--          count          how many entries the stream has ever had up to there
--          lost           how many were dropped from the stream before they were delivered
--          holder, ends   which worker delivers, and until when nobody else may, in milliseconds since 1970 as all times
--          trying, first, tries, next   the entry that is tried, since when, how often it failed, when it is tried again
--          delivered, delivered_at, failed, failed_at, reason   of the last delivery, and of the last failure
-- KEYS[3]  those that were given up: a hash, id -> event
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number) return string.format('%.0f', number) end

-- Whether somebody may deliver: who does already, or anybody once that one's time is over; it is 20 s at most, and
-- longer only where the clock was ahead.
local function may(holder)
  local held, ends = unpack(call('HMGET', KEYS[2], 'holder', 'ends'))
  local left = (tonumber(ends) or 0) - now
  return not held or held == holder or left <= 0 or left > 60000
end

local function hold(holder, milliseconds) call('HSET', KEYS[2], 'holder', holder, 'ends', whole(now + milliseconds)) end

-- How many entries the stream has ever had, and how many it has.
local function sizes()
  local facts = {['entries-added'] = 0, length = 0}
  if call('EXISTS', KEYS[1]) == 1 then
    local info = call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #info, 2 do facts[info[i]] = info[i + 1] end
  end
  return facts['entries-added'] or facts.length, facts.length -- Redis counts since 7.0
end

-- The entry after a position, or nothing.
local function following(position) return call('XRANGE', KEYS[1], '(' .. position, '+', 'COUNT', 1)[1] end

-- Where deliveries stand: the position, its count, how many entries wait, and how many were dropped before their turn.
-- Where there is no position yet, they begin with what was added in so many milliseconds.
local function standing(age)
  local position, count = unpack(call('HMGET', KEYS[2], 'position', 'count'))
  local added, length = sizes()
  count = tonumber(count)
  if not position then -- an entry, as ids only rise, and a clock may have been ahead
    local before = call('XREVRANGE', KEYS[1], whole(now - age), '-', 'COUNT', 1)[1]
    position = before and before[1] or '1-0'
  end
  if not string.find(position, '^%d+%-%d+$') then error('a position holds what is no number') end
  if not count or count > added then -- it begins, or somebody has deleted the stream
    count = added - #call('XRANGE', KEYS[1], '(' .. position, '+')
  end
  return position, count, math.min(added - count, length), math.max(added - count - length, 0)
end
