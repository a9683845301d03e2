-- Read who an account is. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  generation that the session carries
-- Returns status, role, name, e-mail address and language; the status is false where there is no such account or the
-- session has ended.
return {status_for(KEYS[1], ARGV[1]), unpack(call('HMGET', KEYS[1], 'role', 'name', 'email', 'locale'))}
