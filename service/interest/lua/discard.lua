-- Delete a feature's votes and trend. Preceded by votes.lua.
-- ARGV[1]  canonical feature id
call('DEL', interest(ARGV[1]), trend(ARGV[1]))
