-- Say something in a thread, as its member or as an admin. Preceded by audit/record.lua and caller.lua.
-- KEYS[12]  to KEYS[15]: those of audit/record.lua; not on a Cluster, where they are in another slot
-- ARGV[7]   id of the thread
-- ARGV[8]   id of the message
-- ARGV[9]   text
-- ARGV[10]  most messages of a thread
-- ARGV[11]  burst of a member's token bucket, and ARGV[12] its interval
-- ARGV[13]  who acts, and ARGV[14] what is recorded of an admin's: see audit/record.lua
-- ARGV[15]  versions of the thread that may have been seen, each between commas; where there is none, any will do
-- ARGV[16]  on: the module's slug that was seen, then its former ones
-- Returns in its list: said, then the thread; seen (the thread is another by now); full; or wait, and for how many
-- microseconds.
local account, stored, module = visible(ARGV[7])
if not account then return {status, role, {}} end
local author = account == caller and 'member' or 'admin'
local is_new = not is_said(ARGV[7], ARGV[8])
local wait = is_new and author == 'member' and take(KEYS[10], caller, ARGV[11], ARGV[12])
if wait then return {status, role, {'wait', wait}} end
if ARGV[15] and is_new then
  local is_named = false
  for i = 16, #ARGV do is_named = is_named or ARGV[i] == module end
  if not is_named or not is_among(call('HGET', thread(ARGV[7]), 'version'), ARGV[15]) then
    return {status, role, {'seen'}}
  end
end
if call('LLEN', messages(ARGV[7])) >= ARGV[10] * SIZE then return {status, role, {'full'}} end
local record = KEYS[12] and author == 'admin' and is_new and recorder(12, ARGV[13])
say(ARGV[7], account, stored, module, ARGV[8], author, caller, name, ARGV[9])
if record then record(ARGV[14], account, ARGV[7], stored, call('HGET', thread(ARGV[7]), 'status')) end
return {status, role, {'said', shown(ARGV[7], 0)}}
