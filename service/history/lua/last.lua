-- Say which registry was recorded last.
-- KEYS[1]  the last registry: a hash
-- KEYS[2]  a sorted set of the revisions that were ever in force
-- ARGV[1]  a revision
-- Returns the revision of the last registry, nothing where there is none; when it was seen; its form, where it is another
-- than the revision in question; and whether that was ever in force.
local revision, seen, form = unpack(call('HMGET', KEYS[1], 'revision', 'seen', 'form'))
return {revision, seen, revision ~= ARGV[1] and form, call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0}
