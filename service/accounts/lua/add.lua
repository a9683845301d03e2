-- Store a new account.
-- KEYS[1]  account
-- ARGV[1]  on: fields and their values
-- Returns 1, or 0 where the account exists.
if call('EXISTS', KEYS[1]) == 1 then return 0 end
call('HSET', KEYS[1], unpack(ARGV))
return 1
