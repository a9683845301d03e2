-- List the caller's threads, newest activity first. Preceded by caller.lua.
-- ARGV[7]  where to begin: +inf, or ( and an activity, which is left out
-- ARGV[8]  most threads
-- Returns in its list: the threads, each with its last message, and its activity.
local found = {}
local ids = call('ZREVRANGEBYSCORE', KEYS[3] .. caller, ARGV[7], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[8])
for i = 1, #ids, 2 do found[#found + 1] = {listed(ids[i]), ids[i + 1]} end
return {status, role, found}
