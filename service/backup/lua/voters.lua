-- Restore votes for a feature that are missing. Preceded by votes.lua.
-- ARGV[1]  feature id
-- ARGV[2]  today, under which they are counted
-- ARGV[3]  1 to have no net votes of today in the trend where they are 0
-- ARGV[4]  on: account ids
-- Returns how many were missing.
local id = canonical(ARGV[1])
check_count(call('HGET', trend(id), ARGV[2]))
local added = call('SADD', interest(id), unpack(ARGV, 4))
if added > 0 and call('HINCRBY', trend(id), ARGV[2], added) == 0 and ARGV[3] == '1' then
  call('HDEL', trend(id), ARGV[2])
end
return added
