-- Say something in a thread, as its member or as an admin. Preceded by audit/record.lua and caller.lua.
-- KEYS[11]  to KEYS[14]: those of audit/record.lua; not on a Cluster, where they are in another slot
-- ARGV[7]   id of the thread
-- ARGV[8]   id of the message
-- ARGV[9]   text
-- ARGV[10]  most messages of a thread
-- ARGV[11]  who acts, and ARGV[12] what is recorded of an admin's: see audit/record.lua
-- ARGV[13]  versions of the thread that may have been seen, each between commas; where there is none, any will do
-- ARGV[14]  on: the module's slug that was seen, then its former ones
-- Returns in its list: said, seen (the thread is another by now) or full; then the thread.
local account, stored, module = visible(ARGV[7])
if not account then return {status, role, {}} end
if ARGV[13] and not is_said(ARGV[7], ARGV[8]) then
  local is_named = false
  for i = 14, #ARGV do is_named = is_named or ARGV[i] == module end
  if not is_named or not is_among(call('HGET', thread(ARGV[7]), 'version'), ARGV[13]) then
    return {status, role, {'seen'}}
  end
end
if call('LLEN', messages(ARGV[7])) >= ARGV[10] * SIZE then return {status, role, {'full'}} end
local author = account == caller and 'member' or 'admin'
local record = KEYS[11] and author == 'admin' and not is_said(ARGV[7], ARGV[8]) and recorder(11, ARGV[11])
say(ARGV[7], account, stored, module, ARGV[8], author, caller, name, ARGV[9])
if record then record(ARGV[12], account, ARGV[7], stored, call('HGET', thread(ARGV[7]), 'status')) end
return {status, role, {'said', shown(ARGV[7], 0)}}
