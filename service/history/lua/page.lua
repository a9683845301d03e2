-- Read events, newest first.
-- KEYS     streams, whose events are put in one order
-- ARGV[1]  where to begin: +, or ( and an id, which is left out
-- ARGV[2]  most events
-- Returns the id of each event, and what it says.
local found = {}
for _, key in ipairs(KEYS) do
  for _, entry in ipairs(call('XREVRANGE', key, ARGV[1], '-', 'COUNT', ARGV[2])) do
    local time, number = string.match(entry[1], '^(%d+)-(%d+)$')
    table.insert(found, {id = entry[1], said = entry[2][2], time = tonumber(time), number = tonumber(number)})
  end
end
table.sort(found, function(one, other)
  if one.time ~= other.time then return one.time > other.time end
  return one.number > other.number
end)
local reply = {}
for i = 1, math.min(#found, tonumber(ARGV[2])) do
  reply[#reply + 1] = found[i].id
  reply[#reply + 1] = found[i].said
end
return reply
