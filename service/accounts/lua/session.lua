-- Begin a session with an account; one of the platform's that has no generation gets one. Preceded by account.lua.
-- KEYS[1]  account
-- ARGV[1]  a new generation
-- Returns status and generation, which are false where there is no such account.
return {generation_of(KEYS[1], ARGV[1])}
