-- Keep what a sign-in token stands for. Preceded by actor.lua; KEYS[1] is the account that it signs in.
-- ARGV[5]  the token's key
-- ARGV[6]  a new generation
-- ARGV[7]  how long the token may be used, in seconds
-- ARGV[8]  what is recorded
-- ARGV[9]  statuses that may sign in, each between commas
-- Returns in its list the account's status, or nothing where there is none; one that may not sign in gets no token.
local its_status, generation = generation_of(KEYS[1], ARGV[6])
if not its_status then return {status, role, {}} end
if is_among(its_status, ARGV[9]) then
  if call('EXISTS', ARGV[5]) == 0 then record(ARGV[8], '', '') end
  call('HSET', ARGV[5], 'account', ARGV[4], 'generation', generation)
  call('EXPIRE', ARGV[5], ARGV[7])
end
return {status, role, {its_status}}
