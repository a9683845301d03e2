-- Requests are made before the clock starts, and sent in turn from where an earlier run ended. wrk's own report
-- is for people; this prints the same as JSON, with the exact number of bytes.
local requests = {}
local at = 0

function init(args)
  at = tonumber(args[1])
  for i, r in ipairs(REQUESTS) do
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    headers['Cookie'] = r[3]
    requests[i] = wrk.format(r[1], r[2], headers, r[1] == 'POST' and '' or nil)
  end
end

if #REQUESTS > 0 then
  function request()
    at = at % #requests + 1
    return requests[at]
  end
end

function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"requests": %d, "bytes": %d, "microseconds": %d, "p50": %d, "p99": %d, '
    .. '"errors": {"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect, e.read, e.write, e.timeout, e.status))
end
