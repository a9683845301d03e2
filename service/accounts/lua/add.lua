-- Store a new account. Preceded by actor.lua.
-- ARGV[5]  what is recorded
-- ARGV[6]  what of the account is recorded
-- ARGV[7]  on: fields and their values, of which the first is the generation: a script that is run again knows it
-- Returns in its list added, or nothing where another account of this id exists.
if call('EXISTS', KEYS[1]) == 1 then
  return {status, role, call('HGET', KEYS[1], 'generation') == ARGV[8] and {'added'} or {}}
end
call('HSET', KEYS[1], unpack(ARGV, 7))
record(ARGV[5], '', ARGV[6])
return {status, role, {'added'}}
