-- Change one field of an account, which must not make one.
-- KEYS[1]  account
-- ARGV[1]  field
-- ARGV[2]  value
-- Returns 1, or 0 where there is no such account.
if call('HEXISTS', KEYS[1], 'status') == 0 then return 0 end
call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
