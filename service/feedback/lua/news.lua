-- Read who an account is, and count its threads that are unread. Preceded by account.lua and threads.lua.
-- KEYS[10]  the account, where it can be reached in the same step: not on a Cluster
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- Returns status, role and name, which are false where the account is not reached, and the number. The status is false,
-- too, where there is no such account or the session has ended.
local status, role, name = false, false, false
if KEYS[10] then
  status = status_for(KEYS[10], ARGV[2])
  role, name = unpack(call('HMGET', KEYS[10], 'role', 'name'))
end
local unread = 0
for _, id in ipairs(call('ZRANGE', KEYS[3] .. ARGV[1], 0, -1)) do
  local acted, seen = numbers(id, 'acted', 'seen')
  if acted > seen then unread = unread + 1 end
end
return {status, role, name, unread}
