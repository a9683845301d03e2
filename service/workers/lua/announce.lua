-- Say what a worker serves. Preceded by workers.lua.
-- KEYS     those of workers.lua
-- ARGV[1]  the worker's id
-- ARGV[2]  what it says
-- ARGV[3]  for how long, in milliseconds
call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
living()
