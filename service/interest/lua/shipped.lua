-- Find the modules that an account voted for and that are active by now. What goes with it has its keys in other places,
-- so these are passed:
-- interest   what the keys of votes begin with, before a feature's canonical id
-- voted      what those of their days begin with, likewise
-- dismissed  the account's dismissals: a hash, slug -> millisecond since 1970
-- released   releases, likewise
-- first      where ARGV begins to have the modules that have votes, in pairs: the id that votes are kept under, and the
--            module's names, the current one first, between blanks
-- Returns of each that was not dismissed since it was released: its slug, when it was released, in milliseconds since
-- 1970, or 0, and the day of the vote, or nothing.
local function shipped(interest, voted, dismissed, released, account, first)
  -- The latest time of some names; what is no time counts as none.
  local function latest(key, names)
    local last = 0
    for name in string.gmatch(names, '%S+') do
      local time = call('HGET', key, name) or ''
      if #time < 15 and string.find(time, '^%d+$') then last = math.max(last, tonumber(time)) end
    end
    return last
  end

  local told = {}
  for i = first, #ARGV, 2 do
    if call('SISMEMBER', interest .. ARGV[i], account) == 1 then
      local since, gone = latest(released, ARGV[i + 1]), latest(dismissed, ARGV[i + 1])
      if gone == 0 or since > gone then
        local day = call('HGET', voted .. ARGV[i], account) or ''
        told[#told + 1] = {string.match(ARGV[i + 1], '%S+'), since, day}
      end
    end
  end
  return told
end
