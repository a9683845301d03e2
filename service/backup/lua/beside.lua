-- Restore days of votes, or reasons, where the votes are kept by now. Preceded by votes.lua.
-- ARGV[1]  feature id
-- ARGV[2]  1 for days, of which the earliest counts, 0 for reasons
-- ARGV[3]  on: account ids, each with what is kept of it
local id, are_days = canonical(ARGV[1]), ARGV[2] == '1'
local key = are_days and voted(id) or reasons(id)
for i = 3, #ARGV, 2 do
  local kept = call('HGET', key, ARGV[i])
  if not kept or are_days and ARGV[i + 1] < kept then call('HSET', key, ARGV[i], ARGV[i + 1]) end
end
