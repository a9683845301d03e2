-- Spend a sign-in token.
-- KEYS[1]  token
-- ARGV[1]  nonce
-- ARGV[2]  how long the same nonce may redeem it again, in seconds
-- Returns account id and generation; false if it cannot be redeemed, or was with another nonce.
local account, generation, nonce = unpack(call('HMGET', KEYS[1], 'account', 'generation', 'nonce'))
if not account or (nonce and nonce ~= ARGV[1]) then return false end
if not nonce then
  call('HSET', KEYS[1], 'nonce', ARGV[1])
  call('EXPIRE', KEYS[1], ARGV[2])
end
return {account, generation}
