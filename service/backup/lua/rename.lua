-- Restore a rename, unless the feature has one already, or there would be a circle. Preceded by votes.lua.
-- ARGV[1]  former feature id
-- ARGV[2]  current feature id
if call('HEXISTS', KEYS[1], ARGV[1]) == 0 and canonical(ARGV[2]) ~= ARGV[1] then call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
