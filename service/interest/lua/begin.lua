-- Check whether an account may change its vote, and take a token of its bucket.
-- If it may not, the script ends here and returns the account's status, or false. If there is no token, the script ends
-- and returns the number of microseconds to wait.
-- Preceded by account.lua, token_bucket.lua and votes.lua.
-- KEYS[6]  token buckets: see token_bucket.lua
-- KEYS[7]  the account
-- ARGV[1]  account id
-- ARGV[2]  generation of the session
-- ARGV[3]  statuses that may vote, between commas
-- ARGV[4]  today
-- ARGV[5]  the change: see vote.lua and explain.lua
-- ARGV[6]  current id of the feature in the registry
-- ARGV[7]  burst of the bucket
-- ARGV[8]  interval of the bucket
-- ARGV[9]  number of the registry's features that follow
-- ARGV[10] on: these features, then the former ids of the feature
local voter, generation, voters, today, value, feature, burst, interval = unpack(ARGV, 1, 8)
local status = status_for(KEYS[7], generation)
if not is_among(status, voters) then return status end
local wait = take(KEYS[6], voter, burst, interval)
if wait then return wait end
local last = 9 + ARGV[9]
for i = last + 1, #ARGV do rename(ARGV[i], feature, 10, last, today) end
