-- Read one thread. Preceded by caller.lua.
-- ARGV[7]  id of the thread
-- Returns in its list: the thread.
if not visible(ARGV[7]) then return {status, role, {}} end
return {status, role, {shown(ARGV[7], 0)}}
