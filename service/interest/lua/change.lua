-- Have accounts want a feature, or not. Preceded by votes.lua.
-- ARGV[1]  1 to record votes, 0 to take them back
-- ARGV[2]  feature id
-- ARGV[3]  day
-- ARGV[4]  on: account ids
-- Returns how many votes were added or removed.
local changed, id = 0, canonical(ARGV[2])
for i = 4, #ARGV do
  if change(id, ARGV[i], ARGV[1] == '1', ARGV[3]) then changed = changed + 1 end
end
return changed
