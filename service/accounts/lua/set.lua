-- Change one field of an account, which must not make one. Preceded by actor.lua.
-- ARGV[5]  field
-- ARGV[6]  value
-- ARGV[7]  what it counts for where it is missing
-- ARGV[8]  what is recorded
-- ARGV[9]  1 where before and after may be recorded, or else 0
-- ARGV[10] what it must be to be changed, or nothing
-- Returns in its list what it was before, or nothing where there is no such account.
if call('HEXISTS', KEYS[1], 'status') == 0 then return {status, role, {}} end
local before = call('HGET', KEYS[1], ARGV[5]) or ''
if before == '' then before = ARGV[7] end
if ARGV[10] ~= '' and before ~= ARGV[10] then return {status, role, {before}} end
call('HSET', KEYS[1], ARGV[5], ARGV[6])
if before ~= ARGV[6] then
  if ARGV[9] == '1' then record(ARGV[8], before, ARGV[6]) else record(ARGV[8], '', '') end
end
return {status, role, {before}}
