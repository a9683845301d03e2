-- What comes before an account changes something of its vote: may it, and does it not too often? It ends here with the
-- status, or false, where it may not; and with how many microseconds to wait, as a number, where it does too often.
-- Preceded by account.lua, token_bucket.lua and votes.lua.
-- KEYS[6]  token buckets: see token_bucket.lua
-- KEYS[7]  the account
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses that may vote, each between commas
-- ARGV[4]  day
-- ARGV[5]  what is to change
-- ARGV[6]  feature id
-- ARGV[7]  burst of the bucket, and ARGV[8] its interval
-- ARGV[9]  number of the registry's features that follow
-- ARGV[10] on: these features, then the feature's former ids
local status = status_for(KEYS[7], ARGV[2])
if not is_among(status, ARGV[3]) then return status end
local wait = take(KEYS[6], ARGV[1], ARGV[7], ARGV[8])
if wait then return wait end
local last = 9 + ARGV[9]
for i = last + 1, #ARGV do rename(ARGV[i], ARGV[6], 10, last, ARGV[4]) end
