-- Read what one account wants, and every count, if the account may. Preceded by account.lua and votes.lua.
-- KEYS[6]  the account
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may read, each between commas
-- ARGV[4]  day
-- ARGV[5]  number of the registry's features that follow
-- ARGV[6]  on: these features, then former and current id of each rename
-- Returns the account's status, or false, the number of votes of each feature, and the features that it wants.
local status = status_for(KEYS[6], ARGV[2])
local counts, wanted = {}, {}
if is_among(status, ARGV[3]) then
  local voter, last = ARGV[1], 5 + ARGV[5]
  for i = last + 1, #ARGV, 2 do rename(ARGV[i], ARGV[i + 1], 6, last, ARGV[4]) end
  local renamed = call('EXISTS', KEYS[1]) == 1
  for i = 6, last do
    local key = interest(renamed and canonical(ARGV[i]) or ARGV[i])
    counts[#counts + 1] = call('SCARD', key)
    -- That the key is a set, SCARD has seen. By `call`, which is slower, the server takes 6 % longer for all of this.
    if redis.call('SISMEMBER', key, voter) == 1 then wanted[#wanted + 1] = ARGV[i] end
  end
end
return {status, counts, wanted}
