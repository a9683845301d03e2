-- Find the modules that an account voted for and that are active by now, on a Cluster. Preceded by shipped.lua.
-- KEYS[1]  what the keys of votes begin with
-- KEYS[2]  the account's dismissals
-- ARGV[1]  account id
-- ARGV[2]  on: modules, as shipped.lua has them
-- Returns what shipped.lua does.
return shipped(KEYS[1], KEYS[2], nil, ARGV[1], 2)
