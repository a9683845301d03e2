-- Erase an account's threads and its token bucket, and take its id and name out of what it has answered, some at a time.
-- Preceded by threads.lua.
-- ARGV[1]  account id
-- ARGV[2]  most threads in this step
-- Returns how many threads were erased, and in how many an answer has no name any more; it is done when both are 0.
local own = call('ZRANGE', KEYS[3] .. ARGV[1], 0, ARGV[2] - 1)
for _, id in ipairs(own) do
  local module = call('HGET', thread(id), 'module') or ''
  local all = call('LRANGE', messages(id), 0, -1)
  for i = 1, #all, SIZE do
    if all[i + 1] == 'admin' then call('SREM', KEYS[6] .. all[i + 2], id) end
  end
  for _, one in ipairs(STATUSES) do call('ZREM', queue(one, module), id) end
  call('DEL', thread(id), messages(id))
  call('ZREM', KEYS[3] .. ARGV[1], id)
end
if #own == 0 then
  call('DEL', KEYS[4] .. ARGV[1])
  call('ZREM', KEYS[10], ARGV[1])
end
local answered = call('SRANDMEMBER', KEYS[6] .. ARGV[1], ARGV[2])
for _, id in ipairs(answered) do
  local all = call('LRANGE', messages(id), 0, -1)
  for i = 1, #all, SIZE do
    if all[i + 1] == 'admin' and all[i + 2] == ARGV[1] then
      call('LSET', messages(id), i + 1, '')
      call('LSET', messages(id), i + 2, '')
    end
  end
  if #all > 0 then call('HINCRBY', thread(id), 'version', 1) end
  call('SREM', KEYS[6] .. ARGV[1], id)
end
return {#own, #answered}
