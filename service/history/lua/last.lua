-- Say which registry was recorded last.
-- KEYS[1]  the last registry: a hash
-- KEYS[2]  a sorted set of the revisions that were ever in force
-- ARGV[1]  a revision
-- Returns the revision of the last registry, nothing where there is none; when it was seen; and whether the revision in
-- question was ever in force.
local last = call('HMGET', KEYS[1], 'revision', 'seen')
return {last[1], last[2], call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0}
