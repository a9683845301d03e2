-- Record what somebody is about to do. Preceded by record.lua.
-- KEYS[1]  to KEYS[4]: those of record.lua
-- ARGV[1]  who acts: see record.lua
-- ARGV[2]  random text of this act, by which a script that is run again knows it
-- ARGV[3]  what, and then whom, about, before and after
local record = recorder(1, ARGV[1])
if call('HSETNX', KEYS[2], ARGV[2], '') == 1 then record(ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[2]) end
