-- Read what the workers that live say. Preceded by workers.lua.
-- KEYS  those of workers.lua
-- Returns what each of them says, in no order.
return living()
