-- Say where votes are kept. Preceded by votes.lua.
-- ARGV[1]  on: feature ids
-- Returns the canonical id of each feature, and its number of votes.
local reply = {}
for i = 1, #ARGV do
  local id = canonical(ARGV[i])
  reply[#reply + 1] = id
  reply[#reply + 1] = call('SCARD', interest(id))
end
return reply
