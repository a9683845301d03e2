-- Delete an account.
-- KEYS[1]  account
-- Returns 1, or 0 where there was none.
return call('DEL', KEYS[1])
