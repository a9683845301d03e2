-- List threads for admins: unread ones first, newest activity first. Preceded by caller.lua.
-- ARGV[5]  where to begin: +inf, or ( and a score, which is left out
-- ARGV[6]  most threads
-- ARGV[7]  on: queues, such as open:sms_campaign
-- Returns in its list: the threads, each with its last message, and its score.
local found, threads = {}, {}
if role == 'admin' then
  for i = 7, #ARGV do
    local ids = call('ZREVRANGEBYSCORE', KEYS[5] .. ARGV[i], ARGV[5], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[6])
    for j = 1, #ids, 2 do found[#found + 1] = {id = ids[j], score = ids[j + 1]} end
  end
  table.sort(found, function(one, other) return tonumber(one.score) > tonumber(other.score) end)
  for i = 1, math.min(#found, tonumber(ARGV[6])) do threads[i] = {listed(found[i].id), found[i].score} end
end
return {status, role, threads}
