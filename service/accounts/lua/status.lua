-- Read an account's status. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  generation that the session carries
-- Returns the status, or false where there is no such account or the session has ended.
return status_for(KEYS[1], ARGV[1])
