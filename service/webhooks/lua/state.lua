-- Read how far events are delivered. Preceded by queue.lua.
-- Returns the fields of that hash and their values; how many entries wait, and how many of those dropped are not counted
-- yet; how many were given up; for how many milliseconds the worker that delivers still may, and in how many the next
-- try is; how many milliseconds ago the first of those that wait was added.
local fields = call('HGETALL', KEYS[2])
local waiting, lost, age = 0, 0, 0
if #fields > 0 then
  local position, _
  position, _, waiting, lost = standing(0)
  local entry = following(position)
  if entry then age = now - tonumber(string.match(entry[1], '^%d+')) end
end
local ends, next = unpack(call('HMGET', KEYS[2], 'ends', 'next'))
local held, wait = (tonumber(ends) or 0) - now, (tonumber(next) or 0) - now
return {fields, waiting, lost, call('HLEN', KEYS[3]), math.max(held, 0), math.max(wait, 0), math.max(age, 0)}
