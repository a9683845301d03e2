-- A token bucket, kept as how long it takes until it is full again: the time to live of its key, which has no value. So
-- a full one is no key. Take a token from it.
-- burst     tokens of a full bucket
-- interval  milliseconds that a token takes to come; 0 where there is no limit
-- Returns how many milliseconds to wait for a token, where there is none; otherwise nothing.
local function take(bucket, burst, interval)
  burst, interval = tonumber(burst), tonumber(interval)
  if interval == 0 then return end
  -- Of another server's clock, or settings that were more patient, an empty bucket is left at worst.
  local missing = math.min(math.max(call('PTTL', bucket), 0), burst * interval)
  local wait = missing + interval - burst * interval
  if wait > 0 then return wait end
  -- It is worth nothing after a restart or on a replica: a vote that changes nothing has nothing to be synced.
  redis.set_repl(redis.REPL_NONE)
  call('SET', bucket, '', 'PX', missing + interval)
  redis.set_repl(redis.REPL_ALL)
end
