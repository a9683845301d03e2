-- List an account's threads, newest activity first. Preceded by caller.lua.
-- ARGV[5]  where to begin: +inf, or ( and an activity, which is left out
-- ARGV[6]  most threads
-- ARGV[7]  id of the account: the caller's own, or for a command anybody's
-- Returns in its list: the threads, each with its last message, and its activity.
local found = {}
local ids = call('ZREVRANGEBYSCORE', KEYS[3] .. ARGV[7], ARGV[5], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[6])
for i = 1, #ids, 2 do found[#found + 1] = {listed(ids[i]), ids[i + 1]} end
return {status, role, found}
