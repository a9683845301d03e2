-- Restore votes for a feature, or a part of its trend, where they are kept by now. Preceded by votes.lua.
-- ARGV[1]  feature id
-- ARGV[2]  day, on which those count once who had voted for two features that are one by now
-- ARGV[3]  number of arguments that follow: days and their net votes, in turn
-- ARGV[]   on: account ids
local id, last = canonical(ARGV[1]), 3 + ARGV[3]
for i = 4, last, 2 do call('HINCRBY', trend(id), ARGV[i], ARGV[i + 1]) end
if last == #ARGV then return end
local double = #ARGV - last - call('SADD', interest(id), unpack(ARGV, last + 1))
if double > 0 then call('HINCRBY', trend(id), ARGV[2], -double) end
