-- Change the status of a thread, as an admin who has seen the last one. Preceded by
-- audit/record.lua and caller.lua.
-- KEYS[12]  to KEYS[15]: those of audit/record.lua
-- ARGV[5]   id of the thread
-- ARGV[6]   new status
-- ARGV[7]   random text of this change, by which a script that is run again knows it
-- ARGV[8]   who acts, and ARGV[9] what is recorded: see audit/record.lua
-- ARGV[10]  versions that the admin may have seen, each between commas
-- ARGV[11]  on: the module's slug that the admin has seen, then its former ones
-- Returns in its list: done, seen (the thread is another by now) or open (there is another open one); then the thread.
local id, becomes = ARGV[5], ARGV[6]
if role ~= 'admin' then return {status, role, {}} end
local account, stored, module = visible(id)
if not account then return {status, role, {}} end
local version, change, names = unpack(call('HMGET', thread(id), 'version', 'change', 'names'))
if change ~= ARGV[7] then
  local is_named, slugs = false, {}
  for slug in string.gmatch(names or '', '%S+') do slugs[#slugs + 1] = slug end
  for i = 11, #ARGV do
    is_named = is_named or ARGV[i] == module
    slugs[#slugs + 1] = ARGV[i]
  end
  if not is_named or not is_among(version, ARGV[10]) then return {status, role, {'seen'}} end
  if is_open(becomes) then
    for _, slug in ipairs(slugs) do
      local other = call('HGET', KEYS[4] .. account, slug)
      if other and other ~= id then return {status, role, {'open'}} end
    end
  end
  if becomes == stored then return {status, role, {'done', shown(id, 0)}} end -- which is no news to anybody
  local record = recorder(12, ARGV[8])
  local number = act(id, account, stored, module)
  call('HSET', thread(id), 'status', becomes, 'attended', number, 'acted', number, 'change', ARGV[7])
  if is_open(becomes) then
    for _, slug in ipairs(slugs) do call('HSET', KEYS[4] .. account, slug, id) end
  else
    local opened = call('HGETALL', KEYS[4] .. account)
    for i = 1, #opened, 2 do
      if opened[i + 1] == id then call('HDEL', KEYS[4] .. account, opened[i]) end
    end
  end
  call('ZREM', queue(stored, module), id)
  place(id, account, becomes, module)
  tell('status-changed', id, module, becomes)
  record(ARGV[9], account, id, stored, becomes)
end
return {status, role, {'done', shown(id, 0)}}
