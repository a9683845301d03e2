-- Who acts in threads. Preceded by account.lua and threads.lua; what follows is done if the caller may.
-- KEYS[11]  the account; that of a command is passed over
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may do this, each between commas; or nothing for a command, which may
-- ARGV[4]  statuses in which an admin is one, each between commas
-- ARGV[#ARGV]  the traceparent of the request, or nothing: it is taken away before what follows
-- What follows returns status, role, and what it is about in a list, which is empty if there is no such thing.
traced = table.remove(ARGV)
local caller, status, role, name = ARGV[1], false, 'admin', ''
if ARGV[3] ~= '' then
  status = status_for(KEYS[11], ARGV[2])
  if not is_among(status, ARGV[3]) then return {status, false, {}} end
  role, name = unpack(call('HMGET', KEYS[11], 'role', 'name'))
  if not is_among(status, ARGV[4]) then role = 'member' end
end
role, name = role or 'member', name or ''
if #name > 200 then name = string.gsub(string.sub(name, 1, 200), '[\192-\255]?[\128-\191]*$', '') end

-- Whose a thread is, its status and its module, if the caller may see it.
local function visible(id)
  local account, status, module = unpack(call('HMGET', thread(id), 'account', 'status', 'module'))
  if account and status and module and (account == caller or role == 'admin') then return account, status, module end
end
