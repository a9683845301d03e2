-- Restore accounts, but for those that are there.
-- KEYS    of each its hash
-- ARGV[]  of each when it ends, in milliseconds since 1970, or nothing; the number of arguments that follow, which are
--         its fields and their values, in turn
local i = 1
for _, key in ipairs(KEYS) do
  local ends, last = ARGV[i], i + 1 + ARGV[i + 1]
  if call('EXISTS', key) == 0 then
    for first = i + 2, last, 1000 do call('HSET', key, unpack(ARGV, first, math.min(first + 999, last))) end
    if ends ~= '' then call('PEXPIREAT', key, ends) end
  end
  i = last + 1
end
