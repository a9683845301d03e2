-- Record one account's vote, or take it back, if the account may vote. Preceded by account.lua and votes.lua.
-- KEYS[4]  the account, where it can be reached in the same step: not on a Cluster
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may vote, each between commas
-- ARGV[4]  day
-- ARGV[5]  1 to vote, 0 to take the vote back
-- ARGV[6]  feature id
-- ARGV[7]  number of the registry's features that follow
-- ARGV[8]  on: these features, then the feature's former ids
-- Returns the account's status, or false.
local status = KEYS[4] and status_for(KEYS[4], ARGV[2]) or false
if not KEYS[4] or is_among(status, ARGV[3]) then
  local last = 7 + ARGV[7]
  for i = last + 1, #ARGV do rename(ARGV[i], ARGV[6], 8, last, ARGV[4]) end
  change(canonical(ARGV[6]), ARGV[1], ARGV[5] == '1', ARGV[4])
end
return status
