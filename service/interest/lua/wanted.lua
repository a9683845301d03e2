-- Find what an account wants, of some features. Preceded by votes.lua.
-- ARGV[1]  account id
-- ARGV[2]  on: ids of features
-- Returns the ids that its votes are kept under, each once.
local found, seen = {}, {}
for i = 2, #ARGV do
  local id = canonical(ARGV[i])
  if not seen[id] and call('SISMEMBER', interest(id), ARGV[1]) == 1 then found[#found + 1] = id end
  seen[id] = true
end
return found
