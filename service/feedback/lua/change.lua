-- Change the status of a thread, as an admin who has seen the last one. Preceded by caller.lua.
-- ARGV[7]   id of the thread
-- ARGV[8]   new status
-- ARGV[9]   random text of this change, by which a script that is run again knows it
-- ARGV[10]  versions that the admin may have seen, each between commas
-- ARGV[11]  on: the module's slug that the admin has seen, then its former ones
-- Returns in its list: done, seen (the thread is another by now) or open (there is another open one); then the thread.
local id, becomes = ARGV[7], ARGV[8]
if role ~= 'admin' then return {status, role, {}} end
local account, stored, module = visible(id)
if not account then return {status, role, {}} end
local version, change = unpack(call('HMGET', thread(id), 'version', 'change'))
if change ~= ARGV[9] then
  local is_named = false
  for i = 11, #ARGV do is_named = is_named or ARGV[i] == module end
  if not is_named or not is_among(version, ARGV[10]) then return {status, role, {'seen'}} end
  if is_open(becomes) then
    for i = 11, #ARGV do
      local other = call('HGET', KEYS[4] .. account, ARGV[i])
      if other and other ~= id then return {status, role, {'open'}} end
    end
  end
  local number = act(id, account, stored, module)
  call('HSET', thread(id), 'status', becomes, 'attended', number, 'acted', number, 'change', ARGV[9])
  for i = 11, #ARGV do
    if is_open(becomes) then call('HSET', KEYS[4] .. account, ARGV[i], id) end
  end
  if not is_open(becomes) then
    local names = call('HGETALL', KEYS[4] .. account)
    for i = 1, #names, 2 do
      if names[i + 1] == id then call('HDEL', KEYS[4] .. account, names[i]) end
    end
  end
  if becomes ~= stored then call('ZREM', queue(stored, module), id) end
  place(id, account, becomes, module)
end
return {status, role, {'done', shown(id, 0)}}
