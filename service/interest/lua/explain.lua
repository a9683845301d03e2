-- Keep why an account wants a feature, or forget it, if it wants it and does not say so too often. Preceded by account.lua,
-- token_bucket.lua and votes.lua.
-- KEYS and ARGV  those of vote.lua, but for
-- ARGV[5]  why, or nothing
-- Returns what vote.lua does, or -1 where the account has not voted for the feature.
local status = status_for(KEYS[7], ARGV[2])
if is_among(status, ARGV[3]) then
  local wait = take(KEYS[6], ARGV[1], ARGV[7], ARGV[8])
  if wait then return wait end
  local last = 9 + ARGV[9]
  for i = last + 1, #ARGV do rename(ARGV[i], ARGV[6], 10, last, ARGV[4]) end
  local id = canonical(ARGV[6])
  if call('SISMEMBER', interest(id), ARGV[1]) == 0 then return -1 end
  if ARGV[5] == '' then
    call('HDEL', reasons(id), ARGV[1])
  else
    local now = redis.call('TIME')
    call('HSET', reasons(id), ARGV[1], string.format('%.0f %s', now[1] * 1000 + math.floor(now[2] / 1000), ARGV[5]))
  end
end
return status
