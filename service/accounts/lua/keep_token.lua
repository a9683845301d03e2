-- Keep what a sign-in token stands for.
-- KEYS[1]  token
-- ARGV[1]  account id
-- ARGV[2]  the account's generation
-- ARGV[3]  how long the token may be used, in seconds
call('HSET', KEYS[1], 'account', ARGV[1], 'generation', ARGV[2])
call('EXPIRE', KEYS[1], ARGV[3])
