-- Say in which language to write about a thread. What is of another type says nothing: damage to one account must not
-- hold up what is told of all others.
-- KEYS[1]  the thread: a hash
-- KEYS[2]  what the keys of accounts begin with
-- Returns the language of the account that it belongs to, or false.
local function field(key, name) return redis.call('TYPE', key).ok == 'hash' and call('HGET', key, name) end

local account = field(KEYS[1], 'account')
return account and field(KEYS[2] .. account, 'locale')
