-- End every session of an account, unless the one that asks for it has ended itself. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  generation that the session carries
-- ARGV[2]  a new generation
if status_for(KEYS[1], ARGV[1]) then call('HSET', KEYS[1], 'generation', ARGV[2]) end
