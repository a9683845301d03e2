-- Read an account's generation; an account of the platform's that has none gets one. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  a new generation
-- Returns the generation, or false where there is no such account.
local status, generation = generation_of(KEYS[1], ARGV[1])
return status and generation
