-- Begin to deliver the next entry, as the worker that may. Preceded by queue.lua.
-- ARGV[1]  the worker
-- ARGV[2]  for how long nobody else may, in milliseconds: for longer than a try takes
-- Returns the position before it, its id, its event, how many milliseconds ago it was tried first, how often that
-- failed, and how many entries were dropped before it; nothing where another worker delivers, or there is none.
if not may(ARGV[1]) then return false end
local position, count, _, lost = standing(0)
local entry = following(position)
if not entry then return false end
hold(ARGV[1], ARGV[2])
if lost > 0 then
  call('HINCRBY', KEYS[2], 'lost', lost)
  call('HSET', KEYS[2], 'count', whole(count + lost))
end
if call('HGET', KEYS[2], 'trying') ~= entry[1] then
  call('HSET', KEYS[2], 'trying', entry[1], 'first', whole(now), 'tries', 0)
  call('HDEL', KEYS[2], 'next')
end
local first, tries = unpack(call('HMGET', KEYS[2], 'first', 'tries'))
return {position, entry[1], entry[2][2] or '', now - first, tonumber(tries), lost}
