-- Keep what a sign-in token stands for. Preceded by acting.lua; KEYS[1] is the token.
-- ARGV[5]  the account's generation
-- ARGV[6]  how long the token may be used, in seconds
-- ARGV[7]  what is recorded
-- Returns in its list kept.
if call('EXISTS', KEYS[1]) == 0 then record(ARGV[7], '', '') end
call('HSET', KEYS[1], 'account', ARGV[4], 'generation', ARGV[5])
call('EXPIRE', KEYS[1], ARGV[6])
return {status, role, {'kept'}}
