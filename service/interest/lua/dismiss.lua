-- Have an account not be told any more that a module shipped, if it voted for it. Preceded by account.lua and votes.lua.
-- KEYS[6]  the account's dismissals: a hash, slug -> millisecond since 1970
-- KEYS[7]  the account
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may do this, each between commas
-- ARGV[4]  on: the names of the module, the current one first
-- Returns the account's status, or false.
local status = status_for(KEYS[7], ARGV[2])
if is_among(status, ARGV[3]) then
  for i = 4, #ARGV do
    if call('SISMEMBER', interest(canonical(ARGV[i])), ARGV[1]) == 1 then
      local now = redis.call('TIME')
      for j = 4, #ARGV do -- by each name, as a rename may be taken back
        call('HSET', KEYS[6], ARGV[j], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)))
      end
      break
    end
  end
end
return status
