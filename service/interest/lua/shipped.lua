-- Find the modules that an account voted for and that are active by now. What goes with it has its keys in other places,
-- so these are passed:
-- interest   what the keys of votes begin with, before a feature's canonical id
-- dismissed  the account's dismissals: a hash, slug -> millisecond since 1970
-- released   releases, likewise
-- first      where ARGV begins to name the modules that have votes, in pairs: the id that votes are kept under, and the
--            module's names, between blanks
-- Returns each of these names, and when it was dismissed and released, if it was.
local function shipped(interest, dismissed, released, account, first)
  local found = {}
  for i = first, #ARGV, 2 do
    if call('SISMEMBER', interest .. ARGV[i], account) == 1 then
      for name in string.gmatch(ARGV[i + 1], '%S+') do
        found[#found + 1] = name
        found[#found + 1] = call('HGET', dismissed, name) or ''
        found[#found + 1] = call('HGET', released, name) or ''
      end
    end
  end
  return found
end
