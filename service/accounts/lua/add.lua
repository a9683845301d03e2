-- Store a new account. Preceded by acting.lua.
-- ARGV[5]  what is recorded
-- ARGV[6]  what of the account is recorded
-- ARGV[7]  on: fields and their values
-- Returns in its list added, or nothing where the account exists.
if call('EXISTS', KEYS[1]) == 1 then return {status, role, {}} end
call('HSET', KEYS[1], unpack(ARGV, 7))
record(ARGV[5], '', ARGV[6])
return {status, role, {'added'}}
