-- Say what a sign-in token stands for.
-- KEYS[1]  token
-- ARGV[1]  nonce, or nothing
-- Returns account id, generation and when it expires, in milliseconds since 1970; false if the token cannot be
-- redeemed, or was with another nonce.
local account, generation, nonce = unpack(call('HMGET', KEYS[1], 'account', 'generation', 'nonce'))
if not account or (nonce and nonce ~= ARGV[1]) then return false end
local now = redis.call('TIME')
return {account, generation, now[1] * 1000 + math.floor(now[2] / 1000) + call('PTTL', KEYS[1])}
