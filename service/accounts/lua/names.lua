-- Read the names of accounts.
-- KEYS[1]  on: accounts
-- Returns a name for each, which is empty where there is none.
local found = {}
for i = 1, #KEYS do found[i] = call('HGET', KEYS[i], 'name') or '' end
return found
