-- Restore the days of a feature's trend that are missing; today balances them until the votes are there, so that the sum
-- of the trend is the number of votes after each step. Preceded by votes.lua.
-- ARGV[1]  feature id
-- ARGV[2]  today
-- ARGV[3]  on: days, each with its net votes
local key, added = trend(canonical(ARGV[1])), 0
for i = 3, #ARGV, 2 do check_count(ARGV[i + 1]) end
for i = 3, #ARGV, 2 do
  if call('HSETNX', key, ARGV[i], ARGV[i + 1]) == 1 then added = added + tonumber(ARGV[i + 1]) end
end
if added ~= 0 then call('HINCRBY', key, ARGV[2], string.format('%.0f', -added)) end
