-- Read a feature's number of votes and its trend, both of one moment. A command on a key of another type would end it.
-- KEYS[1]  votes
-- KEYS[2]  trend
-- Returns the types of both keys, the number of votes, and the trend: days and sums.
local kinds = {redis.call('TYPE', KEYS[1]).ok, redis.call('TYPE', KEYS[2]).ok}
local votes = kinds[1] == 'set' and call('SCARD', KEYS[1]) or 0
local trend = kinds[2] == 'hash' and call('HGETALL', KEYS[2]) or {}
return {kinds[1], kinds[2], votes, trend}
