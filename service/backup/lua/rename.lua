-- Restore a rename, unless the feature has another one. Preceded by votes.lua.
-- ARGV[1]  former feature id
-- ARGV[2]  current feature id
-- ARGV[3]  day
if call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  merge(ARGV[1], ARGV[2], ARGV[3])
  -- Where both are merged into one already, both are known, and there is nothing to write.
end
