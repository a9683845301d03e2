-- Add entries to a stream.
-- KEYS[1]  the stream
-- ARGV     of each entry the number of its parts, then these: its id, fields and values
local i = 1
while i <= #ARGV do
  local parts = tonumber(ARGV[i])
  call('XADD', KEYS[1], unpack(ARGV, i + 1, i + parts))
  i = i + parts + 1
end
