-- Read an account's generation; an account of the platform's that has none gets one.
-- KEYS[1]  account
-- ARGV[1]  a new generation
-- Returns the generation, or false where there is no such account.
local status, generation = unpack(call('HMGET', KEYS[1], 'status', 'generation'))
if status and (not generation or generation == '') then
  generation = ARGV[1]
  call('HSET', KEYS[1], 'generation', generation)
end
return status and generation
