-- What the scripts of workers share. Both are called with this key:
-- KEYS[1]  a hash: a worker's id -> the millisecond since 1970 at which what it says ends, a blank, and what it says

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Forget what has ended; returns what has not, in no order.
local function living()
  local said = {}
  local all = call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    local ends, text = string.match(all[i + 1], '^(%d+) (.*)$')
    if ends and tonumber(ends) > now then
      table.insert(said, text)
    else
      call('HDEL', KEYS[1], all[i])
    end
  end
  return said
end
