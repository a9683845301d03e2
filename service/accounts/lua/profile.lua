-- Read who an account is. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  generation that the session carries
-- Returns status, role and name; the status is false where there is no such account or the session has ended.
local status = status_for(KEYS[1], ARGV[1])
local role, name = unpack(call('HMGET', KEYS[1], 'role', 'name'))
return {status, role, name}
