-- Read one thread. Preceded by caller.lua.
-- ARGV[5]  id of the thread
-- Returns in its list: the thread.
if not visible(ARGV[5]) then return {status, role, {}} end
return {status, role, {shown(ARGV[5], 0)}}
