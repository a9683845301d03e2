-- Keep why an account wants a feature, or forget it. Preceded by begin.lua, which says who may.
-- ARGV[5]  why, or nothing
-- Returns the account's status, or -1 where it has not voted for the feature.
local id = canonical(ARGV[6])
if call('SISMEMBER', interest(id), ARGV[1]) == 0 then return -1 end
if ARGV[5] == '' then
  call('HDEL', reasons(id), ARGV[1])
else
  local now = redis.call('TIME')
  call('HSET', reasons(id), ARGV[1], string.format('%.0f %s', now[1] * 1000 + math.floor(now[2] / 1000), ARGV[5]))
end
return status
