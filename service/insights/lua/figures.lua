-- Count the votes of features, and read on which days they came. Preceded by votes.lua. No member of a set is read: what
-- this takes does not grow with the number of votes.
-- ARGV[1]  of how many features, the first ones, something is told in any case; of the others only where they have votes
-- ARGV[2]  first day of a period, or nothing, and ARGV[3] its last one, or nothing where none is asked for
-- ARGV[4]  number of the days that follow
-- ARGV[5]  on: these days, then the ids of each feature, the current one first, with blanks between them
-- Returns for each id that votes of a feature are kept under: the place of the feature among all, from 0; the id; the
-- number of votes; of the first ones the first day of the trend, and the sums of the days that were asked for, and that
-- of the period; of the others nothing, and all days and sums.
local renamed, whole, days, found = call('EXISTS', KEYS[1]) == 1, tonumber(ARGV[1]), {}, {}
for i = 1, tonumber(ARGV[4]) do days[i] = ARGV[4 + i] end
local begin = 5 + #days

local function ids_of(i)
  local ids, seen = {}, {}
  for name in string.gmatch(ARGV[i], '%S+') do
    local id = renamed and canonical(name) or name
    if not seen[id] then ids[#ids + 1] = id end
    seen[id] = true
  end
  return ids
end

-- What a command says of a trend; of a key of another type what is no day and no number, so that it is left out.
local function ask(command, id, ...)
  local kind = call('TYPE', trend(id)).ok
  return (kind == 'hash' or kind == 'none') and call(command, trend(id), ...) or {'a ' .. kind, 'no trend'}
end

local function first_of(id)
  local first = ''
  for _, day in ipairs(ask('HKEYS', id)) do
    if first == '' or day < first then first = day end
  end
  return first
end

-- The sum of the period; of a trend that holds what is no number that text, so that it is left out.
local function period_of(id)
  if ARGV[3] == '' then return '0' end
  local all, sum = ask('HGETALL', id), 0
  for i = 1, #all, 2 do
    if all[i] >= ARGV[2] and all[i] <= ARGV[3] then
      if not string.find(all[i + 1], '^-?%d+$') then return all[i + 1] end
      sum = sum + all[i + 1]
    end
  end
  return string.format('%.0f', sum)
end

for i = begin, begin + whole - 1 do
  for _, id in ipairs(ids_of(i)) do
    local sums, votes = ask('HMGET', id, unpack(days)), call('SCARD', interest(id))
    for day = 1, #sums do sums[day] = sums[day] or '0' end
    found[#found + 1] = {i - begin, id, votes, first_of(id), sums, period_of(id)}
  end
end

-- Of thousands of modules few have votes: some dozens are asked for at once.
local AT_ONCE = 50
for from = begin + whole, #ARGV, AT_ONCE do
  local places, ids, keys = {}, {}, {}
  for i = from, math.min(from + AT_ONCE - 1, #ARGV) do
    for _, id in ipairs(ids_of(i)) do
      places[#places + 1], ids[#ids + 1], keys[#keys + 1] = i - begin, id, interest(id)
    end
  end
  if call('EXISTS', unpack(keys)) > 0 then
    for i, id in ipairs(ids) do
      local votes = call('SCARD', keys[i])
      if votes > 0 then found[#found + 1] = {places[i], id, votes, '', ask('HGETALL', id), '0'} end
    end
  end
end
return found
