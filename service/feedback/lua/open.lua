-- Open a thread, or go on with the one that is open. Preceded by caller.lua.
-- ARGV[5]   id of the thread, if it is a new one
-- ARGV[6]   id of the message
-- ARGV[7]   text
-- ARGV[8]   most messages of a thread
-- ARGV[9]   burst of the caller's token bucket, and ARGV[10] its interval
-- ARGV[11]  on: the module's slug, then its former ones
-- Returns in its list: created or found, then the thread; full; or wait, and for how many microseconds.
local id
for i = 11, #ARGV do id = id or call('HGET', KEYS[4] .. caller, ARGV[i]) end
local wait = not (id and is_said(id, ARGV[6])) and take(KEYS[10], caller, ARGV[9], ARGV[10])
if wait then return {status, role, {'wait', wait}} end
local account, stored, module
if id then account, stored, module = visible(id) end
if not account then
  id, stored, module = ARGV[5], 'open', ARGV[11]
  call('HLEN', KEYS[4] .. caller)
  say(id, caller, stored, module, ARGV[6], 'member', caller, name, ARGV[7])
  call('HSET', thread(id), 'account', caller, 'name', name, 'module', module, 'created', redis.call('TIME')[1])
  call('SADD', KEYS[7], module)
  local names = ''
  for i = 11, #ARGV do
    names = names .. ' ' .. ARGV[i]
    call('HSET', KEYS[4] .. caller, ARGV[i], id)
  end
  call('HSET', thread(id), 'names', names)
  tell('opened', id, module, stored)
elseif id ~= ARGV[5] then
  local last = call('LRANGE', messages(id), -SIZE, -1)
  if last[2] ~= 'member' or last[6] ~= ARGV[7] then
    if call('LLEN', messages(id)) >= ARGV[8] * SIZE then return {status, role, {'full'}} end
    say(id, account, stored, module, ARGV[6], 'member', caller, name, ARGV[7])
  end
end
return {status, role, {id == ARGV[5] and 'created' or 'found', shown(id, 0)}}
