-- Read who an account is, and what is new for it. Preceded by account.lua, threads.lua, unread.lua and shipped.lua.
-- KEYS[11]  the account
-- KEYS[12]  what the keys of votes begin with
-- KEYS[13]  what those of their days begin with
-- KEYS[14]  the account's dismissals
-- KEYS[15]  releases
-- ARGV[1]   account id
-- ARGV[2]   generation that the session carries
-- ARGV[3]   on: modules, as shipped.lua has them
-- Returns status, role, name, e-mail address and language, of which the status is false where there is no such account
-- or the session has ended; the number of unread threads; and what shipped.lua returns.
local status = status_for(KEYS[11], ARGV[2])
local role, name, email, locale = unpack(call('HMGET', KEYS[11], 'role', 'name', 'email', 'locale'))
local told = shipped(KEYS[12], KEYS[13], KEYS[14], KEYS[15], ARGV[1], 3)
return {status, role, name, email, locale, unread(ARGV[1]), told}
