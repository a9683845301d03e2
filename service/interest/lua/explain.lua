-- Store why an account wants a feature, or delete that. Preceded by begin.lua, which has the arguments.
-- value  the reason, or nothing
-- Returns the account's status, or -1 if it has not voted for the feature.
local id = canonical(feature)
if call('SISMEMBER', interest(id), voter) == 0 then return -1 end
if value == '' then
  call('HDEL', reasons(id), voter)
else
  local now = redis.call('TIME')
  call('HSET', reasons(id), voter, string.format('%.0f %s', now[1] * 1000 + math.floor(now[2] / 1000), value))
end
return status
