-- Remember the language that a person has chosen. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  generation that the session carries
-- ARGV[2]  statuses that may do this, each between commas
-- ARGV[3]  the language
-- Returns the status, or false where there is no such account or the session has ended.
local status = status_for(KEYS[1], ARGV[1])
if is_among(status, ARGV[2]) then call('HSET', KEYS[1], 'locale', ARGV[3]) end
return status
