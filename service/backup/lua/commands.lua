-- Restore what belongs together, unless it is there.
-- KEYS  of each group the key that says so, which its commands write
-- ARGV  of each group the number of arguments that follow, and of each of its commands the number of its parts, then these
-- Returns how many groups were restored.
local restored, i = 0, 1
for k = 1, #KEYS do
  local is_new, last = call('EXISTS', KEYS[k]) == 0, i + ARGV[i]
  i = i + 1
  while i <= last do
    local parts = tonumber(ARGV[i])
    if is_new then call(unpack(ARGV, i + 1, i + parts)) end
    i = i + parts + 1
  end
  if is_new then restored = restored + 1 end
end
return restored
