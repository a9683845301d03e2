-- Mark a thread as read, for its member or for the admins, or for both where its member is an admin. Preceded by caller.lua.
-- ARGV[5]  id of the thread
-- Returns in its list: read.
local account, stored, module = visible(ARGV[5])
if not account then return {status, role, {}} end
local version = numbers(ARGV[5], 'version')
if account == caller then call('HSET', thread(ARGV[5]), 'seen', version) end
if role == 'admin' then
  numbers(ARGV[5], 'activity', 'asked', 'attended')
  call('HSET', thread(ARGV[5]), 'attended', version)
  place(ARGV[5], account, stored, module)
end
return {status, role, {'read'}}
