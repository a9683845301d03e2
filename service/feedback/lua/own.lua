-- List the caller's threads, newest activity first. Preceded by caller.lua.
-- ARGV[7]  where to begin: +inf, or ( and an activity, which is left out
-- ARGV[8]  most threads
-- Returns in its list: the threads, each with its last message.
local found = {}
for _, id in ipairs(call('ZREVRANGEBYSCORE', KEYS[3] .. caller, ARGV[7], '-inf', 'LIMIT', 0, ARGV[8])) do
  found[#found + 1] = shown(id, -1)
end
return {status, role, found}
