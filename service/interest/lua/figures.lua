-- Read what is kept of a feature's votes, all of one moment. A command on a key of another type would end it.
-- KEYS[1]  votes
-- KEYS[2]  trend
-- KEYS[3]  days of votes
-- KEYS[4]  reasons
-- Returns the types of the keys, the number of votes, the trend: days and sums; and how many votes have a day, and how
-- many a reason.
local kinds = {}
for i, key in ipairs(KEYS) do kinds[i] = redis.call('TYPE', key).ok end
local votes = kinds[1] == 'set' and call('SCARD', KEYS[1]) or 0
local function read(i, command, nothing) return kinds[i] == 'hash' and call(command, KEYS[i]) or nothing end
return {kinds, votes, read(2, 'HGETALL', {}), read(3, 'HLEN', 0), read(4, 'HLEN', 0)}
