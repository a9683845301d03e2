-- Say which process has the keys, which is another after a start or where another server took over.
-- KEYS[1]  any of them
-- Returns the server's run id.
return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
