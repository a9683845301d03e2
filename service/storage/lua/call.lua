-- What scripts call instead of redis.call: a key that holds something of another type is named in the error.
local function call(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) == 'table' and reply.err then error(reply.err .. ' (key ' .. key .. ')') end
  return reply
end
