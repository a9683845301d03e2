-- Refuse to write on a replica, also on one that can be written to (replica-read-only no): its primary never knows what
-- that takes, which is gone when it begins anew. WAIT says so without waiting, in half a microsecond. Redis before 7.2
-- has it in no script, and users may not be permitted to use it: then INFO says so.
local waited = redis.pcall('WAIT', '0', '0')
if type(waited) == 'table' then
  local told = redis.pcall('INFO', 'replication')
  if string.find(waited.err, 'replica instances', 1, true)
      or type(told) == 'string' and string.find(told, 'role:slave', 1, true) then
    return redis.error_reply('READONLY this server is a replica, and what is written to one is lost')
  end
end
