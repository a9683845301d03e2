-- Delete a feature's votes, and all that is kept beside them. Preceded by audit/record.lua and votes.lua.
-- KEYS[6]  to KEYS[9]: those of audit/record.lua
-- ARGV[1]  canonical feature id
-- ARGV[2]  who acts, and ARGV[3] what is recorded: see audit/record.lua
local record, votes = recorder(6, ARGV[2]), call('SCARD', interest(ARGV[1]))
call('DEL', interest(ARGV[1]), trend(ARGV[1]), voted(ARGV[1]), reasons(ARGV[1]))
if votes > 0 then record(ARGV[3], '', ARGV[1], tostring(votes), '0') end
