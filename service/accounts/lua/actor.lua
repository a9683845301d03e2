-- Who acts on an account, or with it. Preceded by account.lua and audit/record.lua; what follows is done if they may.
-- KEYS[1]  what the script is about
-- KEYS[2]  to KEYS[5]: those of audit/record.lua
-- KEYS[6]  the account that acts, if it is one
-- ARGV[1]  generation that its session carries
-- ARGV[2]  statuses in which an admin is one, each between commas
-- ARGV[3]  who acts: see audit/record.lua
-- ARGV[4]  id of the account that it is done to
-- What follows returns status and role of the account that acts, and a list.
local status, role, recorded = false, false, recorder(2, ARGV[3])
if KEYS[6] then
  status, role = status_for(KEYS[6], ARGV[1]), call('HGET', KEYS[6], 'role')
  if not is_among(status, ARGV[2]) or role ~= 'admin' then return {status, role, {}} end
end

-- Record what was done to the account.
local function record(what, before, after) recorded(what, ARGV[4], '', before, after) end
