-- Restore whom pseudonyms stand for. A person who has one keeps it.
-- KEYS[1]  a hash: account id -> pseudonym
-- KEYS[2]  a hash: pseudonym -> account id
-- ARGV     account ids, each with its pseudonym
-- Returns the pseudonyms that stand for somebody who has another, and that one.
local others = {}
for i = 1, #ARGV, 2 do
  local known = call('HGET', KEYS[1], ARGV[i])
  if not known then
    call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    call('HSET', KEYS[2], ARGV[i + 1], ARGV[i])
  elseif known ~= ARGV[i + 1] then
    others[#others + 1] = ARGV[i + 1]
    others[#others + 1] = known
  end
end
return others
