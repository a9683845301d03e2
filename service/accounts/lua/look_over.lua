-- Read what an account may hold wrongly.
-- KEYS[1]  account
-- Returns the key's type, and status and role where it is a hash.
local kind = redis.call('TYPE', KEYS[1]).ok
return {kind, kind == 'hash' and call('HMGET', KEYS[1], 'status', 'role') or {}}
