-- Note that a try has failed. Preceded by queue.lua.
-- ARGV[1]  id of the entry
-- ARGV[2]  how often it had failed before
-- ARGV[3]  after how many milliseconds it is tried again
-- ARGV[4]  why
local trying, tries = unpack(call('HMGET', KEYS[2], 'trying', 'tries'))
if trying == ARGV[1] and tries == ARGV[2] then
  call('HSET', KEYS[2], 'tries', ARGV[2] + 1, 'next', whole(now + ARGV[3]), 'failed', ARGV[1], 'failed_at', whole(now),
       'reason', ARGV[4])
end
