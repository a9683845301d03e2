-- Count the caller's threads that are unread. Preceded by caller.lua.
-- Returns in its list: their number.
local unread = 0
for _, id in ipairs(call('ZRANGE', KEYS[3] .. caller, 0, -1)) do
  local acted, seen = numbers(id, 'acted', 'seen')
  if acted > seen then unread = unread + 1 end
end
return {status, role, {tostring(unread)}}
