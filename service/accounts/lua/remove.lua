-- Delete an account. Preceded by actor.lua.
-- Returns in its list removed, or nothing where there was none.
if call('DEL', KEYS[1]) == 0 then return {status, role, {}} end
return {status, role, {'removed'}}
