-- Say something in a thread, as its member or as an admin. Preceded by caller.lua.
-- ARGV[7]   id of the thread
-- ARGV[8]   id of the message
-- ARGV[9]   text
-- ARGV[10]  most messages of a thread
-- ARGV[11]  versions of the thread that may have been seen, each between commas; where there is none, any will do
-- ARGV[12]  on: the module's slug that was seen, then its former ones
-- Returns in its list: said, seen (the thread is another by now) or full; then the thread.
local account, stored, module = visible(ARGV[7])
if not account then return {status, role, {}} end
if ARGV[11] and not is_said(ARGV[7], ARGV[8]) then
  local is_named = false
  for i = 12, #ARGV do is_named = is_named or ARGV[i] == module end
  if not is_named or not is_among(call('HGET', thread(ARGV[7]), 'version'), ARGV[11]) then
    return {status, role, {'seen'}}
  end
end
if call('LLEN', messages(ARGV[7])) >= ARGV[10] * SIZE then return {status, role, {'full'}} end
say(ARGV[7], account, stored, module, ARGV[8], account == caller and 'member' or 'admin', caller, name, ARGV[9])
return {status, role, {'said', shown(ARGV[7], 0)}}
