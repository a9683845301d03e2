-- Let others deliver, as a worker that ends. Preceded by queue.lua.
-- ARGV[1]  the worker
if call('HGET', KEYS[2], 'holder') == ARGV[1] then call('HDEL', KEYS[2], 'holder', 'ends') end
