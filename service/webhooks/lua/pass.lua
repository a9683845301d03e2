-- Go on behind an entry that was delivered or given up. Preceded by queue.lua.
-- ARGV[1]  the position before it
-- ARGV[2]  its id
-- ARGV[3]  why it is given up, or nothing where it was delivered
-- ARGV[4]  its event
-- Returns whether the position is that entry now: another worker may have gone on.
local position = call('HGET', KEYS[2], 'position')
if position ~= ARGV[1] then return position == ARGV[2] and 1 or 0 end
if ARGV[3] == '' then
  call('HSET', KEYS[2], 'delivered', ARGV[2], 'delivered_at', whole(now))
else
  call('HSET', KEYS[3], ARGV[2], ARGV[4])
  call('HSET', KEYS[2], 'failed', ARGV[2], 'failed_at', whole(now), 'reason', ARGV[3])
end
call('HSET', KEYS[2], 'position', ARGV[2])
call('HINCRBY', KEYS[2], 'count', 1)
call('HDEL', KEYS[2], 'trying', 'first', 'tries', 'next')
return 1
