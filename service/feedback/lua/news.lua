-- Count the threads of an account that are unread for it. Preceded by threads.lua and unread.lua.
-- ARGV[1]  account id
-- Returns the number.
return unread(ARGV[1])
