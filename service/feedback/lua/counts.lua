-- Count the threads of every stored status and slug, for admins. Preceded by caller.lua.
-- Returns in its list: status, slug, number of threads, and how many of them are unread, for each that has some.
local found = {}
if role == 'admin' then
  for _, module in ipairs(call('SMEMBERS', KEYS[7])) do
    for _, one in ipairs(STATUSES) do
      local number = call('ZCARD', queue(one, module))
      if number > 0 then
        local unread = call('ZCOUNT', queue(one, module), string.format('%.0f', UNREAD), '+inf')
        for _, part in ipairs({one, module, tostring(number), tostring(unread)}) do found[#found + 1] = part end
      end
    end
  end
end
return {status, role, found}
