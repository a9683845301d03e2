-- Say what a sign-in token stands for, or spend it; one that signs nobody in is not spent. Preceded by account.lua.
-- KEYS[1]  token
-- KEYS[2]  what the keys of accounts begin with
-- ARGV[1]  nonce, or nothing
-- ARGV[2]  statuses that may sign in, each between commas
-- ARGV[3]  how long the same nonce may redeem it again, in seconds, to spend it; or 0
-- Returns account id and generation, when the token expires, in milliseconds since 1970, and the account's status and
-- language; the status is false where there is no such account or its sessions were ended. False if the token cannot be
-- redeemed, or was with another nonce.
local account, generation, nonce = unpack(call('HMGET', KEYS[1], 'account', 'generation', 'nonce'))
if not account or (nonce and nonce ~= ARGV[1]) then return false end
local status, now = status_for(KEYS[2] .. account, generation), redis.call('TIME')
local expires = now[1] * 1000 + math.floor(now[2] / 1000) + call('PTTL', KEYS[1])
if ARGV[3] ~= '0' and not nonce and is_among(status, ARGV[2]) then
  call('HSET', KEYS[1], 'nonce', ARGV[1])
  call('EXPIRE', KEYS[1], ARGV[3])
end
return {account, generation, expires, status, call('HGET', KEYS[2] .. account, 'locale')}
