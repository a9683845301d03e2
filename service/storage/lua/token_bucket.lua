-- Token buckets, in a sorted set: who -> when the bucket is full again, in microseconds since 1970. Whoever is new in it
-- removes those that are full. Take a token from a bucket; each call here is felt, so there are as few as can be.
-- burst     tokens of a full bucket
-- interval  microseconds in which a token comes; 0 where there is no limit
-- Returns for how many microseconds to wait for a token, where there is none; otherwise nothing.
local function take(buckets, who, burst, interval)
  if interval == '0' then return end
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local full, capacity = call('ZSCORE', buckets, who), burst * interval
  interval = interval + 0
  local missing, wait = interval, nil
  if full and full - now > 0 then
    missing = full - now + interval
    if missing > capacity then
      wait = missing - capacity
      if wait <= interval then return wait end
      -- The clock has stepped back, or a full bucket had more tokens: it is empty, and fills from now on.
      wait, missing = interval, capacity
    end
  end
  -- Nothing else may be written: what is worth nothing after a restart is not synced to a disk, and not replicated.
  redis.set_repl(redis.REPL_NONE)
  call('ZADD', buckets, now + missing, who)
  redis.set_repl(redis.REPL_ALL)
  -- Not before: a server without memory refuses the first write of a script alone, and this is none that it refuses.
  if not full then call('ZREMRANGEBYSCORE', buckets, '-inf', now) end
  return wait
end
