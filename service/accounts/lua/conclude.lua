-- Say how an act ended, once; of one whose entry is gone nothing is said.
-- KEYS[1]  outcomes: see audit/record.lua
-- ARGV[1]  act
-- ARGV[2]  how it ended, in JSON
if call('HGET', KEYS[1], ARGV[1]) == '' then call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
