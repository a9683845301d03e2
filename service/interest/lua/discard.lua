-- Delete a feature's votes and trend. Preceded by audit/record.lua and votes.lua.
-- KEYS[4]  to KEYS[7]: those of audit/record.lua
-- ARGV[1]  canonical feature id
-- ARGV[2]  who acts, and ARGV[3] what is recorded: see audit/record.lua
local record, votes = recorder(4, ARGV[2]), call('SCARD', interest(ARGV[1]))
call('DEL', interest(ARGV[1]), trend(ARGV[1]))
if votes > 0 then record(ARGV[3], '', ARGV[1], tostring(votes), '0') end
