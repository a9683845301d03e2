-- List threads for admins: unread ones first, newest activity first. Preceded by caller.lua.
-- ARGV[5]  where to begin: +inf, or ( and a score, which is left out
-- ARGV[6]  most threads
-- ARGV[7]  all for all messages of each, or ends for the first and the last one
-- ARGV[8]  on: queues, such as open:sms_campaign
-- Returns in its list: the threads, each with these messages, and its score.
local found, threads = {}, {}
if role == 'admin' then
  for i = 8, #ARGV do
    local ids = call('ZREVRANGEBYSCORE', KEYS[5] .. ARGV[i], ARGV[5], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[6])
    for j = 1, #ids, 2 do found[#found + 1] = {id = ids[j], score = ids[j + 1]} end
  end
  table.sort(found, function(one, other) return tonumber(one.score) > tonumber(other.score) end)
  for i = 1, math.min(#found, tonumber(ARGV[6])) do threads[i] = {listed(found[i].id, ARGV[7]), found[i].score} end
end
return {status, role, threads}
