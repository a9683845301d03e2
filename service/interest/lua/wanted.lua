-- Find what an account wants, of some features. Preceded by account.lua and votes.lua.
-- KEYS[6]  the account, where it is its own session that asks
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may read, each between commas
-- ARGV[4]  on: ids of features
-- Returns the account's status, or false; and of each of its votes the id that was asked for, the one that it is kept
-- under, its day, and when and why it was cast, or nothing.
local status = KEYS[6] and status_for(KEYS[6], ARGV[2]) or false
if KEYS[6] and not is_among(status, ARGV[3]) then return {status, {}} end
local votes, seen = {}, {}
for i = 4, #ARGV do
  local id = canonical(ARGV[i])
  if not seen[id] and call('SISMEMBER', interest(id), ARGV[1]) == 1 then
    votes[#votes + 1] = ARGV[i]
    votes[#votes + 1] = id
    votes[#votes + 1] = call('HGET', voted(id), ARGV[1]) or ''
    votes[#votes + 1] = call('HGET', reasons(id), ARGV[1]) or ''
  end
  seen[id] = true
end
return {status, votes}
