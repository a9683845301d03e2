-- Read a field of a hash, or nothing where the key holds something else: damage to one account must not hold up what is
-- told of all others.
-- KEYS[1]  the hash
-- ARGV[1]  the field
-- Returns its value, or false.
return redis.call('TYPE', KEYS[1]).ok == 'hash' and call('HGET', KEYS[1], ARGV[1])
