-- What the scripts of votes share. All of them are called with these keys:
-- KEYS[1]  renames: a hash, feature id -> the id that its votes were merged into
-- KEYS[2]  what the keys of votes begin with, before a feature's canonical id: sets of account ids
-- KEYS[3]  what the keys of trends begin with: hashes, day -> net votes of that day
-- KEYS[4]  what the keys of days begin with: hashes, account id -> day of its vote, where that is known
-- KEYS[5]  what the keys of reasons begin with: hashes, account id -> when it said why, in milliseconds since 1970, and why

-- The id under which a feature's votes are kept: its own, or where they were merged into. There are no loops.
local function canonical(id)
  local to = call('HGET', KEYS[1], id)
  while to do
    id = to
    to = call('HGET', KEYS[1], id)
  end
  return id
end

local function interest(id) return KEYS[2] .. id end
local function trend(id) return KEYS[3] .. id end
local function voted(id) return KEYS[4] .. id end
local function reasons(id) return KEYS[5] .. id end

-- Raise an error, before anything is written, where a count of a day cannot be added to.
local function check_count(count)
  if count and (#count > 15 or (count ~= '0' and not string.find(count, '^-?[1-9]%d*$'))) then error('a trend holds what is no number') end
end

-- Have one account want a feature, or not; returns whether that changed anything. `counted` is the day that the trend
-- counts it under, and `day` that of the vote, or empty. All that can fail comes first: a vote counts whatever is wrong
-- with what is beside it, and of a key of another type nothing has to be removed.
local function change(id, voter, wanted, counted, day)
  local has = call('SISMEMBER', interest(id), voter) == 1
  if has == wanted then return false end
  call('HINCRBY', trend(id), counted, wanted and 1 or -1)
  redis.call(wanted and 'SADD' or 'SREM', interest(id), voter)
  if not wanted then
    redis.pcall('HDEL', voted(id), voter)
    redis.pcall('HDEL', reasons(id), voter)
  elseif day ~= '' then
    redis.pcall('HSET', voted(id), voter, day)
  end
  return true
end

-- Move what a hash says of accounts into another, as a rule by a new name; where both say something of one, `choose`
-- takes one of both. The smaller hash is gone through.
local function join(from, to, choose)
  local small, large, AT_ONCE = from, to, 1000
  if call('HLEN', from) > call('HLEN', to) then small, large = to, from end
  local said = call('HGETALL', small)
  for first = 1, #said, AT_ONCE do
    local accounts = {}
    for i = first, math.min(first + AT_ONCE - 1, #said), 2 do accounts[#accounts + 1] = said[i] end
    local there = call('HMGET', large, unpack(accounts))
    for i, account in ipairs(accounts) do
      local of_small, of_large = said[first + 2 * i - 1], there[i] or nil
      local of_from, of_to = of_small, of_large
      if small == to then of_from, of_to = of_large, of_small end
      local chosen = of_large and choose(of_from, of_to) or of_small
      if chosen ~= of_large then call('HSET', large, account, chosen) end
    end
  end
  call('DEL', small)
  if large == from and call('EXISTS', from) == 1 then call('RENAME', from, to) end
end

local function earliest(day, other) return day < other and day or other end
local function of_new(old, new) return new end

-- Make two features one: the votes of `old` are moved to `new`, each voter once, with its earliest day; of two reasons that
-- of `new` stays. Returns how many moved, and how many of their voters had voted for both.
local function merge(old, new, day)
  local from, to = canonical(old), canonical(new)
  if from == to then return {0, 0} end
  local days = call('HGETALL', trend(from))
  for i = 1, #days, 2 do
    check_count(days[i + 1])
    check_count(call('HGET', trend(to), days[i]))
  end
  check_count(call('HGET', trend(to), day))
  for _, key in ipairs({voted(from), voted(to), reasons(from), reasons(to)}) do call('HLEN', key) end
  local moved = call('SCARD', interest(from))
  local votes = moved + call('SCARD', interest(to))
  local double = votes - call('SUNIONSTORE', interest(to), interest(to), interest(from))
  for i = 1, #days, 2 do call('HINCRBY', trend(to), days[i], days[i + 1]) end
  if double > 0 then call('HINCRBY', trend(to), day, -double) end
  call('DEL', interest(from), trend(from))
  join(voted(from), voted(to), earliest)
  join(reasons(from), reasons(to), of_new)
  call('HSET', KEYS[1], from, to)
  return {moved, double}
end

-- Do what a registry's `formerly` asks for, unless the votes of `old` are by now those of another of its features, which
-- are ARGV[first] to ARGV[last]: only `votes merge` makes one of two features that can be voted for.
local function rename(old, new, first, last, day)
  local from = canonical(old)
  if from == canonical(new) then return end
  for i = first, last do
    if ARGV[i] ~= new and canonical(ARGV[i]) == from then return end
  end
  merge(old, new, day)
end
