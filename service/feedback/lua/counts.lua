-- Count the threads of every stored status and slug, for admins. Preceded by caller.lua.
-- Returns in its list of each: status, slug, number of threads, how many of them are unread, and since when the oldest of those
-- is, in seconds since 1970, or nothing, as of one that cannot be read; for each that has some.
local found = {}
if role == 'admin' then
  local from = string.format('%.0f', UNREAD)
  for _, module in ipairs(call('SMEMBERS', KEYS[7])) do
    for _, one in ipairs(STATUSES) do
      local number = call('ZCARD', queue(one, module))
      if number > 0 then
        local unread = call('ZCOUNT', queue(one, module), from, '+inf')
        local oldest = call('ZRANGEBYSCORE', queue(one, module), from, '+inf', 'LIMIT', 0, 1)[1]
        local is_read, since = pcall(call, 'HGET', thread(oldest or ''), 'updated')
        found[#found + 1] = {one, module, number, unread, is_read and since or ''}
      end
    end
  end
end
return {status, role, found}
