-- Say something in a thread, as its member or as an admin. Preceded by caller.lua.
-- ARGV[7]   id of the thread
-- ARGV[8]   id of the message
-- ARGV[9]   text
-- ARGV[10]  most messages of a thread
-- Returns in its list: said or full; then the thread.
local account, stored, module = visible(ARGV[7])
if not account then return {status, role, {}} end
if call('LLEN', messages(ARGV[7])) >= ARGV[10] * SIZE then return {status, role, {'full'}} end
say(ARGV[7], account, stored, module, ARGV[8], account == caller and 'member' or 'admin', caller, name, ARGV[9])
return {status, role, {'said', shown(ARGV[7], 0)}}
