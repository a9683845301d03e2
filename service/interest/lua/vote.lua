-- Record one account's vote, or take it back. Preceded by begin.lua, which says who may.
-- ARGV[5]  1 to vote, 0 to take the vote back
-- Returns the account's status.
change(canonical(ARGV[6]), ARGV[1], ARGV[5] == '1', ARGV[4], ARGV[4])
return status
