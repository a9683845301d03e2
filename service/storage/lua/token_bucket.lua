-- Token buckets, in a sorted set: who -> when the bucket is full again, in microseconds since 1970. A full one is not in
-- it: whoever takes a token removes those that have become full. Take a token from a bucket.
-- burst     tokens of a full bucket
-- interval  microseconds in which a token comes; 0 where there is no limit
-- Returns for how many microseconds to wait for a token, where there is none; otherwise nothing.
local function take(buckets, who, burst, interval)
  burst, interval = tonumber(burst), tonumber(interval)
  if interval == 0 then return end
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  call('ZREMRANGEBYSCORE', buckets, '-inf', now)
  -- Where the clock has stepped back, or a full bucket had more tokens, it is empty at worst.
  local missing = math.min(math.max((call('ZSCORE', buckets, who) or now) - now, 0), burst * interval)
  local wait = missing + interval - burst * interval
  if wait > 0 then return wait end
  -- Nothing else may be written: what is worth nothing after a restart is not synced to a disk, and not replicated.
  redis.set_repl(redis.REPL_NONE)
  call('ZADD', buckets, now + missing + interval, who)
  redis.set_repl(redis.REPL_ALL)
end
