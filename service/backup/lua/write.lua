-- Run commands.
-- KEYS[1]  any key of the store
-- ARGV     of each command the number of its parts, then these
local i = 1
while i <= #ARGV do
  local parts = tonumber(ARGV[i])
  call(unpack(ARGV, i + 1, i + parts))
  i = i + parts + 1
end
