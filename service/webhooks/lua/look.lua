-- Look whether there is something to deliver, as the worker that delivers or would. Preceded by queue.lua.
-- ARGV[1]  the worker
-- ARGV[2]  for how long nobody else may then, in milliseconds
-- ARGV[3]  how long ago it began to look, in milliseconds: older entries are not delivered where nothing was before
-- Returns 1 where an entry is due, and 0 where another worker delivers, or none is.
if not may(ARGV[1]) then return 0 end
local position, count = standing(ARGV[3])
hold(ARGV[1], ARGV[2])
call('HSET', KEYS[2], 'position', position, 'count', whole(count))
local entry = following(position)
if not entry then return 0 end
local trying, next = unpack(call('HMGET', KEYS[2], 'trying', 'next'))
return trying == entry[1] and (tonumber(next) or 0) > now and 0 or 1
