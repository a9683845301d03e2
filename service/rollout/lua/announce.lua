-- Say what a worker serves, where one is named, and read what all that live say.
-- KEYS[1]  a hash: a worker's id -> the millisecond since 1970 at which what it says ends, a blank, and what it says
-- ARGV[1]  the worker's id, or nothing
-- ARGV[2]  what it says
-- ARGV[3]  for how long, in milliseconds
-- Returns what each of them says, in no order; what has ended is forgotten, and what was said under a clock that was
-- ahead: nothing is said for as long as a minute.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] then
  call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
end

local said = {}
local all = call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local ends, text = string.match(all[i + 1], '^(%d+) (.*)$')
  if ends and tonumber(ends) > now and tonumber(ends) <= now + 60000 then
    table.insert(said, text)
  else
    call('HDEL', KEYS[1], all[i])
  end
end
return said
