-- Say that names are counted on a day, and add how often they were used. Run twice, it adds twice.
-- KEYS[1]  what the keys begin with, before a name: hashes of how it was used
-- ARGV[1]  the day, ARGV[2] the day before, and ARGV[3] the first day that is kept
-- ARGV[4]  when what is kept of a name ends that is not counted any more, in seconds since 1970
-- ARGV[5]  how many names are counted
-- ARGV[6]  on: these names; then of each use its name, which is one of them, its field, and how often it was made
local today, before, first, last = ARGV[1], ARGV[2], ARGV[3], 5 + ARGV[5]
for i = 6, last do call('HLEN', KEYS[1] .. ARGV[i]) end

for i = 6, last do
  local key = KEYS[1] .. ARGV[i]
  local counted = call('HGET', key, 'until')
  if not counted or counted < today then
    if not counted or counted < before then call('HSET', key, 'since', today) end
    call('HSET', key, 'until', today)
    for _, field in ipairs(call('HKEYS', key)) do
      if field < first then call('HDEL', key, field) end  -- which since and until never are
    end
    call('EXPIREAT', key, ARGV[4])
  end
end
for i = last + 1, #ARGV, 3 do redis.pcall('HINCRBY', KEYS[1] .. ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
