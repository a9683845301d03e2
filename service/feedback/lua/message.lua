-- Say something in a thread, as its member or as an admin. Preceded by audit/record.lua and caller.lua.
-- KEYS[12]  to KEYS[15]: those of audit/record.lua
-- ARGV[5]   id of the thread
-- ARGV[6]   id of the message
-- ARGV[7]   text
-- ARGV[8]   most messages of a thread
-- ARGV[9]   burst of a member's token bucket, and ARGV[10] its interval
-- ARGV[11]  who acts, and ARGV[12] what is recorded of an admin's: see audit/record.lua
-- ARGV[13]  versions of the thread that may have been seen, each between commas; where there is none, any will do
-- ARGV[14]  on: the module's slug that was seen, then its former ones
-- Returns in its list: said, then the thread; seen (the thread is another by now); full; or wait, and for how many
-- microseconds.
local account, stored, module = visible(ARGV[5])
if not account then return {status, role, {}} end
local author = account == caller and 'member' or 'admin'
local is_new = not is_said(ARGV[5], ARGV[6])
local wait = is_new and author == 'member' and take(KEYS[10], caller, ARGV[9], ARGV[10])
if wait then return {status, role, {'wait', wait}} end
if ARGV[13] and is_new then
  local is_named = false
  for i = 14, #ARGV do is_named = is_named or ARGV[i] == module end
  if not is_named or not is_among(call('HGET', thread(ARGV[5]), 'version'), ARGV[13]) then
    return {status, role, {'seen'}}
  end
end
if is_new and call('LLEN', messages(ARGV[5])) >= ARGV[8] * SIZE then return {status, role, {'full'}} end
local record = author == 'admin' and is_new and recorder(12, ARGV[11])
say(ARGV[5], account, stored, module, ARGV[6], author, caller, name, ARGV[7])
if record then record(ARGV[12], account, ARGV[5], stored, call('HGET', thread(ARGV[5]), 'status')) end
return {status, role, {'said', shown(ARGV[5], 0)}}
