-- Have a thread follow its module, where a rename was taken back. Preceded by caller.lua.
-- ARGV[5]  id of the thread
-- ARGV[6]  slug that the module has by now
-- Returns in its list: the thread; nothing where there is none.
local id, slug = ARGV[5], ARGV[6]
local account, stored, module = visible(id)
if not account then return {status, role, {}} end
if module ~= slug then
  check_status(stored) -- all that can fail comes first
  numbers(id, 'activity', 'asked', 'attended')
  call('ZCARD', KEYS[3] .. account)
  call('ZCARD', queue(stored, slug))
  call('SADD', KEYS[7], slug)
  call('ZREM', queue(stored, module), id)
  call('HSET', thread(id), 'module', slug)
  place(id, account, stored, slug)
end
return {status, role, {shown(id, 0)}}
