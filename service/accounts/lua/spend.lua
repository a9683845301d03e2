-- Use something up that can be used once.
-- KEYS[1]  what says that it has been
-- ARGV[1]  random text of this use, by which a script that is run again knows it
-- ARGV[2]  for how long that is kept, in seconds
-- Returns 1, or 0 where another has used it up.
local by = call('GET', KEYS[1])
if by then return by == ARGV[1] and 1 or 0 end
call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
