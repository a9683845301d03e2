#!lua
-- Find out whether a vote could be recorded, and write nothing. This script is not declared to write nothing (it has no
-- flag `no-writes`), so a server that refuses writes refuses it before it begins, and says why: OOM, READONLY, MISCONF
-- or NOREPLICAS. It needs Redis 7 or Valkey. A replica that can be written to is told by storage/lua/primary.lua.
-- KEYS     those of votes.lua
-- KEYS[6]  token buckets
-- KEYS[7]  an account
-- KEYS[8]  what is written to have something to wait for
-- ARGV[1]  VOTE_DURABILITY
-- ARGV[2]  interval of a bucket: see token_bucket.lua
-- ARGV[3]  how many replicas must confirm a vote
-- Raises an error if a vote could not be recorded.
local function check_permitted(...)
  if not redis.acl_check_cmd(...) then error('NOPERM the user of REDIS_URL may not use ' .. (...)) end
end
for _, command in ipairs({'SISMEMBER', 'SADD', 'SREM'}) do check_permitted(command, KEYS[2], '') end
check_permitted('HINCRBY', KEYS[3], '', '1')
check_permitted('HSET', KEYS[4], '', '')
for i = 4, 5 do check_permitted('HDEL', KEYS[i], '') end
redis.call('HGET', KEYS[1], '')
redis.call('HMGET', KEYS[7], 'status', 'generation')
if ARGV[2] ~= '0' then
  redis.call('ZSCORE', KEYS[6], '')
  check_permitted('ZADD', KEYS[6], '1', '')
  check_permitted('ZREMRANGEBYSCORE', KEYS[6], '0', '1')
end
if ARGV[1] ~= 'server' then check_permitted('SET', KEYS[8], '', 'PX', '1') end
-- What may not be asked by this user, votes find out.
local function information(section)
  local said = redis.pcall('INFO', section)
  return type(said) == 'string' and said
end
local said = information('replication')
if said and string.find(said, 'role:slave', 1, true) then
  return redis.error_reply('READONLY this server is a replica, and what is written to one is lost')
end
local needed = tonumber(ARGV[3])
if needed > 0 then
  check_permitted('WAIT', ARGV[3], '1')
  local _, online = string.gsub(said or '', 'state=online', '')
  if said and online < needed then
    return redis.error_reply('NOREPLICAS ' .. online .. ' of the ' .. needed .. ' replicas that confirm a vote are there')
  end
elseif ARGV[1] == 'fsync' then
  check_permitted('WAITAOF', '1', '0', '1')
  said = information('persistence')
  if said and not string.find(said, 'aof_enabled:1', 1, true) then
    return redis.error_reply('MISCONF appendonly is disabled, so that no disk confirms a vote')
  end
end
