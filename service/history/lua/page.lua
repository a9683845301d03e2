-- Read events, newest first.
-- KEYS[1]  the stream of all events
-- KEYS[2]  on: lists of ids of events; without one, all events are meant
-- ARGV[1]  the id of the event before the first, or nothing to begin with the newest
-- ARGV[2]  most events
-- ARGV[3]  the first and ARGV[4] the last millisecond since 1970 that events are of, or - and +
-- Returns the id of each event, and what it says.
local most = tonumber(ARGV[2])
local reply = {}

local function add(entry)
  table.insert(reply, entry[1])
  table.insert(reply, entry[2][2])
end

if #KEYS == 1 then
  local begin = ARGV[1] == '' and ARGV[4] or '(' .. ARGV[1]
  for _, entry in ipairs(call('XREVRANGE', KEYS[1], begin, ARGV[3], 'COUNT', most)) do add(entry) end
  return reply
end

local function parsed(id)
  local time, number = string.match(id, '^(%d+)-(%d+)$')
  return {id = id, time = tonumber(time) or 0, number = tonumber(number) or 0}
end

local function is_newer(one, other)
  if one.time ~= other.time then return one.time > other.time end
  return one.number > other.number
end

local oldest, newest, found = tonumber(ARGV[3]) or 0, tonumber(ARGV[4]) or math.huge, {}
for i = 2, #KEYS do
  for _, id in ipairs(call('LRANGE', KEYS[i], 0, -1)) do
    local one = parsed(id)
    local is_within = one.time >= oldest and one.time <= newest
    if is_within and (ARGV[1] == '' or is_newer(parsed(ARGV[1]), one)) then table.insert(found, one) end
  end
end
table.sort(found, is_newer)
for _, one in ipairs(found) do
  if #reply == 2 * most then break end
  local entry = one.time > 0 and call('XRANGE', KEYS[1], one.id, one.id)[1]
  if entry then add(entry) end  -- of what is older than the stream, the id is all that is left
end
return reply
