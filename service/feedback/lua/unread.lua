-- How many threads of an account are unread for it, of those that can be read. Preceded by threads.lua.
local function unread(account)
  local count = 0
  for _, id in ipairs(call('ZRANGE', KEYS[3] .. account, 0, -1)) do
    local is_read, acted, seen = pcall(numbers, id, 'acted', 'seen')
    if is_read and acted > seen then count = count + 1 end
  end
  return count
end
