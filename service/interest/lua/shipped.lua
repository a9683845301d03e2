-- Find the modules that an account voted for and that are active by now. What goes with it has its keys in other places,
-- so these are passed:
-- renames    feature id -> the id that its votes were merged into
-- interest   what the keys of votes begin with, before a feature's canonical id
-- dismissed  the account's dismissals: a hash, slug -> millisecond since 1970
-- released   releases, likewise
-- first      where ARGV begins to have the names of modules: of each all, the current one first, between blanks
-- Returns of each that was not dismissed since it was released: its slug, the id that the account's vote is kept under,
-- and when it was released, in milliseconds since 1970, or 0.
local function shipped(renames, interest, dismissed, released, account, first)
  local renamed = call('EXISTS', renames) == 1

  local function current(id)
    local to = renamed and call('HGET', renames, id)
    return to and current(to) or id
  end

  -- The latest time of some names; what is no time counts as none.
  local function latest(key, names)
    local last = 0
    for name in string.gmatch(names, '%S+') do
      local time = call('HGET', key, name) or ''
      if #time < 15 and string.find(time, '^%d+$') then last = math.max(last, tonumber(time)) end
    end
    return last
  end

  -- Of many modules few have votes: some dozens are asked for at once.
  local told, AT_ONCE = {}, 50
  for from = first, #ARGV, AT_ONCE do
    local modules, ids, keys = {}, {}, {}
    for i = from, math.min(from + AT_ONCE - 1, #ARGV) do
      for name in string.gmatch(ARGV[i], '%S+') do
        local id = current(name)
        modules[#modules + 1], ids[#ids + 1], keys[#keys + 1] = ARGV[i], id, interest .. id
      end
    end
    for at, id in ipairs(call('EXISTS', unpack(keys)) > 0 and ids or {}) do
      if call('SISMEMBER', keys[at], account) == 1 then
        local since, gone = latest(released, modules[at]), latest(dismissed, modules[at])
        if gone == 0 or since > gone then told[#told + 1] = {string.match(modules[at], '%S+'), id, since} end
      end
    end
  end
  return told
end
