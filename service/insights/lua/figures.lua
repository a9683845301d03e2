-- Count the votes of features, and read on which days they came, for an admin or a command. Preceded by account.lua and
-- votes.lua. No member of a set is read: what this takes does not grow with the number of votes.
-- KEYS[6]  the account that asks, where there is one
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses in which an admin is one, each between commas
-- ARGV[4]  of how many features, the first ones, something is told in any case; of the others only where they have votes
-- ARGV[5]  first day of a period, or nothing, and ARGV[6] its last one, or nothing where none is asked for
-- ARGV[7]  number of the days that follow
-- ARGV[8]  on: these days, then the ids of each feature, the current one first, with blanks between them
-- Returns the account's status and role, or false; and for each id that votes of a feature are kept under: the place of
-- the feature among all, from 0; the id; the number of votes; of the first ones the first day of the trend, and the sums
-- of the days that were asked for, and that of the period; of the others nothing, and all days and sums.
local status, role = KEYS[6] and status_for(KEYS[6], ARGV[2]) or false, false
if KEYS[6] then
  role = call('HGET', KEYS[6], 'role')
  if not is_among(status, ARGV[3]) or role ~= 'admin' then return {status, role, {}} end
end
local renamed, whole, days, found = call('EXISTS', KEYS[1]) == 1, tonumber(ARGV[4]), {}, {}
for i = 1, tonumber(ARGV[7]) do days[i] = ARGV[7 + i] end
local begin = 8 + #days

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
  if ARGV[6] == '' then return '0' end
  local all, sum = ask('HGETALL', id), 0
  for i = 1, #all, 2 do
    if all[i] >= ARGV[5] and all[i] <= ARGV[6] then
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
return {status, role, found}
