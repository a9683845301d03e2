-- Restore a request with its messages and its places in lists, unless it is there. Preceded by threads.lua.
-- ARGV[1]  id of the request
-- ARGV[2]  number of arguments that follow: fields of its hash and their values, in turn
-- ARGV[]   number of arguments that follow: the slugs under which its account has it open
-- ARGV[]   on: its messages, as they are kept
local id = ARGV[1]
if call('EXISTS', thread(id)) == 1 then return end
local last = 2 + ARGV[2]
call('HSET', thread(id), unpack(ARGV, 3, last))
local account, module, status = unpack(call('HMGET', thread(id), 'account', 'module', 'status'))
local first = last + 2
last = first + ARGV[first - 1] - 1
for i = first, last do call('HSETNX', KEYS[4] .. account, ARGV[i], id) end
for i = last + 1, #ARGV, SIZE do
  call('RPUSH', messages(id), unpack(ARGV, i, i + SIZE - 1))
  if ARGV[i + 1] == 'admin' and ARGV[i + 2] ~= '' then call('SADD', KEYS[6] .. ARGV[i + 2], id) end
end
call('SADD', KEYS[7], module)
place(id, account, status, module)
-- No activity here is newer than the next one.
local activity = numbers(id, 'activity')
if activity > tonumber(call('GET', KEYS[8]) or 0) then call('SET', KEYS[8], string.format('%.0f', activity)) end
