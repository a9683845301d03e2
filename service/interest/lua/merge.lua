-- Make two features one. Preceded by audit/record.lua and votes.lua.
-- KEYS[6]  to KEYS[9]: those of audit/record.lua
-- ARGV[1]  former feature id
-- ARGV[2]  current feature id
-- ARGV[3]  day
-- ARGV[4]  who acts, and ARGV[5] what is recorded: see audit/record.lua
-- Returns how many votes moved, and how many of their voters had voted for both.
local record = canonical(ARGV[1]) ~= canonical(ARGV[2]) and recorder(6, ARGV[4])
local merged = merge(ARGV[1], ARGV[2], ARGV[3])
if record then record(ARGV[5], '', '', ARGV[1], ARGV[2]) end
return merged
