-- Read who an account is, and what is new for it. Preceded by account.lua, threads.lua, unread.lua and shipped.lua.
-- KEYS[9]   the account
-- KEYS[10]  what the keys of votes begin with
-- KEYS[11]  the account's dismissals
-- KEYS[12]  releases
-- ARGV[1]   account id
-- ARGV[2]   generation that the session carries
-- ARGV[3]   on: modules, as shipped.lua has them
-- Returns status, role and name, of which the status is false where there is no such account or the session has ended;
-- the number of unread threads; and what shipped.lua returns.
local status = status_for(KEYS[9], ARGV[2])
local role, name = unpack(call('HMGET', KEYS[9], 'role', 'name'))
return {status, role, name, unread(ARGV[1]), shipped(KEYS[10], KEYS[11], KEYS[12], ARGV[1], 3)}
