-- Have a stream that was put together stand for the one that it was copied from, with what came to that one meanwhile.
-- KEYS[1]  the stream
-- KEYS[2]  the one that was put together
-- ARGV[1]  the id of the last entry that was copied
for _, entry in ipairs(call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')) do call('XADD', KEYS[2], entry[1], unpack(entry[2])) end
if call('EXISTS', KEYS[2]) == 1 then call('RENAME', KEYS[2], KEYS[1]) end
