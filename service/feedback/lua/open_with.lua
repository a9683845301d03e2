-- Find the thread that an account has open for a module. Preceded by threads.lua.
-- ARGV[1]  account id
-- ARGV[2]  on: the slug of the module, then its former slugs
-- Returns the id and the stored module of the thread, or nothing twice.
for _, id in ipairs(call('HMGET', KEYS[4] .. ARGV[1], unpack(ARGV, 2))) do
  if id then return {id, call('HGET', thread(id), 'module')} end
end
return {false, false}
