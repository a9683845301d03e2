-- Look whether there is something to deliver, as the worker that delivers or would. Preceded by queue.lua.
-- ARGV[1]  the worker
-- ARGV[2]  for how long nobody else may then, in milliseconds
-- ARGV[3]  how long ago it began to look, in milliseconds: older entries are not delivered where nothing was before
-- Returns held (by another worker), none, later or due; and in how many milliseconds to look again.
local may_deliver, left = may(ARGV[1])
if not may_deliver then return {'held', left} end
local position, count = standing(ARGV[3])
hold(ARGV[1], ARGV[2])
call('HSET', KEYS[2], 'position', position, 'count', whole(count))
local entry = following(position)
if not entry then return {'none', 0} end
local trying, next = unpack(call('HMGET', KEYS[2], 'trying', 'next'))
local wait = trying == entry[1] and (tonumber(next) or 0) - now or 0
if wait > 0 then return {'later', wait} end
return {'due', 0}
