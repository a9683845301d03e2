-- Make two features one. Preceded by votes.lua.
-- ARGV[1]  former feature id
-- ARGV[2]  current feature id
-- ARGV[3]  day
-- Returns how many votes moved, and how many of their voters had voted for both.
return merge(ARGV[1], ARGV[2], ARGV[3])
