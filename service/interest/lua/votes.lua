-- What the scripts of votes share. All of them are called with these keys:
-- KEYS[1]  renames: a hash, feature id -> the id that its votes were merged into
-- KEYS[2]  what the keys of votes begin with, before a feature's canonical id: sets of account ids
-- KEYS[3]  what the keys of trends begin with: hashes, day -> net votes of that day

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

-- Raise an error, before anything is written, where a count of a day cannot be added to.
local function check_count(count)
  if count and (#count > 15 or (count ~= '0' and not string.find(count, '^-?[1-9]%d*$'))) then error('a trend holds what is no number') end
end

-- Have one account want a feature, or not; returns whether that changed anything. All that can fail comes first.
local function change(id, voter, wanted, day)
  local has = call('SISMEMBER', interest(id), voter) == 1
  if has == wanted then return false end
  call('HINCRBY', trend(id), day, wanted and 1 or -1)
  redis.call(wanted and 'SADD' or 'SREM', interest(id), voter)
  return true
end

-- Make two features one: the votes of `old` are moved to `new`, each voter once. Returns how many moved, and how many
-- of their voters had voted for both.
local function merge(old, new, day)
  local from, to = canonical(old), canonical(new)
  if from == to then return {0, 0} end
  local days = call('HGETALL', trend(from))
  for i = 1, #days, 2 do
    check_count(days[i + 1])
    check_count(call('HGET', trend(to), days[i]))
  end
  check_count(call('HGET', trend(to), day))
  local moved = call('SCARD', interest(from))
  local votes = moved + call('SCARD', interest(to))
  local double = votes - call('SUNIONSTORE', interest(to), interest(to), interest(from))
  for i = 1, #days, 2 do call('HINCRBY', trend(to), days[i], days[i + 1]) end
  if double > 0 then call('HINCRBY', trend(to), day, -double) end
  call('DEL', interest(from), trend(from))
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
