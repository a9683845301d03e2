-- Restore what is kept of the votes for a feature, where they are kept by now. Preceded by votes.lua.
-- ARGV[1]  feature id
-- ARGV[2]  votes; or trend, voted or reasons: what is kept beside them
-- ARGV[3]  day, on which those count once who had voted for two features that are one by now
-- ARGV[4]  on: account ids; or days and their net votes, or account ids and what is kept of each, in turn
local id, subject = canonical(ARGV[1]), ARGV[2]
if subject == 'votes' then
  local double = #ARGV - 3 - call('SADD', interest(id), unpack(ARGV, 4))
  if double > 0 then call('HINCRBY', trend(id), ARGV[3], -double) end
  return
end
for i = 4, #ARGV, 2 do
  local name, said = ARGV[i], ARGV[i + 1]
  if subject == 'trend' then
    call('HINCRBY', trend(id), name, said)
  else
    local key = subject == 'voted' and voted(id) or reasons(id)
    local kept = call('HGET', key, name)
    if not kept or subject == 'voted' and said < kept then call('HSET', key, name, said) end -- the earliest day counts
  end
end
