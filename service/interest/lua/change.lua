-- Have accounts want a feature, or not. Preceded by votes.lua.
-- ARGV[1]  1 to record votes, 0 to take them back
-- ARGV[2]  feature id
-- ARGV[3]  today
-- ARGV[4]  on: of each account its id; the day of its vote, and when and why it wants it, as they are kept, or nothing
-- Returns how many votes were added or removed.
local changed, id = 0, canonical(ARGV[2])
for i = 4, #ARGV, 3 do
  local voter, day, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if change(id, voter, ARGV[1] == '1', day ~= '' and day or ARGV[3], day) then
    changed = changed + 1
    if reason ~= '' then call('HSET', reasons(id), voter, reason) end
  end
end
return changed
