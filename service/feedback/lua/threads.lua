-- What the scripts of threads share. All of them are called with these keys:
-- KEYS[1]  what the keys of threads begin with, before an id: hashes. Each act of somebody has a number, the version.
--          account, name    whose it is
--          module, status   as they were stored last
--          created, updated seconds since 1970
--          version          number of acts so far: messages and changes of the status
--          activity         where the thread stands among all, by the latest act
--          asked            version of the member's last message
--          attended         version up to which an admin has answered, changed the status, or marked it as read
--          acted            version of an admin's last answer or change of the status
--          seen             version up to which the member has marked it as read
--          names            the slugs that its module had when it was opened, each after a blank
--          change           random text of the last change of the status
-- KEYS[2]  of messages: lists, six items each: id, author (member or admin), account id, name, seconds since 1970, text
-- KEYS[3]  of accounts' threads: sorted sets of ids, by activity
-- KEYS[4]  of accounts' open threads: hashes, slug -> id
-- KEYS[5]  of queues, before status:slug: sorted sets of ids, by activity, those unread for admins after all others
-- KEYS[6]  of accounts' answers: sets of the ids of threads in which they have spoken as an admin
-- KEYS[7]  slugs that have threads: a set
-- KEYS[8]  sequence: a counter
-- KEYS[9]  events: a stream, whose entries have one field, event, in JSON: kind (opened or status-changed), thread,
--          module, the status from now on, and the traceparent of the request, where it had one. There is nothing
--          about a person in it, and so nothing to erase.
-- KEYS[10] token buckets of accounts: see token_bucket.lua
local SIZE = 6
local STATUSES = {'open', 'answered', 'activated', 'declined'}
local EVENTS = 10000 -- that are kept, and up to a hundred more
local UNREAD = 4503599627370496 -- 2^52: more than any activity, and a sum that a double holds exactly

local function thread(id) return KEYS[1] .. id end
local function messages(id) return KEYS[2] .. id end
local function queue(status, module) return KEYS[5] .. status .. ':' .. module end

local function is_open(status) return status == 'open' or status == 'answered' end

-- The numbers of a thread, of which one that is missing is 0.
local function numbers(id, ...)
  local found = call('HMGET', thread(id), ...)
  for i = 1, #found do
    if found[i] and not string.find(found[i], '^%d+$') then error('a thread holds what is no number') end
    found[i] = tonumber(found[i] or 0)
  end
  return unpack(found)
end

-- Put a thread where it belongs among its account's and the admins'.
local function place(id, account, status, module)
  local activity, asked, attended = numbers(id, 'activity', 'asked', 'attended')
  call('ZADD', KEYS[3] .. account, string.format('%.0f', activity), id)
  call('ZADD', queue(status, module), string.format('%.0f', asked > attended and activity + UNREAD or activity), id)
end

-- Raise an error where a thread has a status that none can have.
local function check_status(status)
  for _, one in ipairs(STATUSES) do
    if one == status then return end
  end
  error('a thread has what is no status')
end

-- The traceparent of the request that the script is run for, where there is one.
local traced

-- Add what has become of a thread to the events.
local function tell(kind, id, module, status)
  local event = {kind = kind, thread = id, module = module, status = status}
  if traced ~= '' then event.traceparent = traced end
  call('XADD', KEYS[9], 'MAXLEN', '~', EVENTS, '*', 'event', cjson.encode(event))
end

-- Begin an act in a thread; returns its version and when it is, in seconds since 1970. All that can fail comes first.
local function act(id, account, status, module)
  check_status(status)
  call('LLEN', messages(id))
  call('ZCARD', KEYS[3] .. account)
  call('HLEN', KEYS[4] .. account)
  call('SISMEMBER', KEYS[7], module)
  call('XLEN', KEYS[9])
  for _, one in ipairs(STATUSES) do call('ZCARD', queue(one, module)) end
  numbers(id, 'version', 'asked', 'attended', 'acted', 'seen')
  local now, activity = redis.call('TIME')[1], call('INCR', KEYS[8])
  call('HSET', thread(id), 'updated', now, 'activity', string.format('%.0f', activity))
  return call('HINCRBY', thread(id), 'version', 1), now
end

-- Whether something was said already, by a script that is run again.
local function is_said(id, message)
  local last = call('LRANGE', messages(id), -10 * SIZE, -1)
  for i = 1, #last, SIZE do
    if last[i] == message then return true end
  end
  return false
end

-- Say something in a thread; what was said already is not said twice.
local function say(id, account, status, module, message, author, by, name, text)
  if is_said(id, message) then return end
  local version, now = act(id, account, status, module)
  local becomes = status
  if author == 'member' then
    if status == 'answered' then becomes = 'open' end
    call('HSET', thread(id), 'asked', version, 'status', becomes)
  else
    if status == 'open' then becomes = 'answered' end
    call('HSET', thread(id), 'attended', version, 'acted', version, 'status', becomes)
    if by ~= '' then call('SADD', KEYS[6] .. by, id) end
  end
  call('RPUSH', messages(id), message, author, by, name, now, text)
  if becomes ~= status then
    call('ZREM', queue(status, module), id)
    tell('status-changed', id, module, becomes)
  end
  place(id, account, becomes, module)
end

-- A thread with its messages from the one at `from` on (0 the first, -1 the last): its fields and their number, and the
-- messages.
local function shown(id, from)
  local fields = call('HMGET', thread(id), 'account', 'name', 'module', 'status', 'created', 'updated', 'version',
                      'activity', 'asked', 'attended', 'acted', 'seen')
  table.insert(fields, 1, id)
  fields[#fields + 1] = tostring(call('LLEN', messages(id)) / SIZE)
  return {fields, call('LRANGE', messages(id), from * SIZE, -1)}
end

-- A thread for a list, with its last message, for admins with its first one, too, or with all: or its id alone, where
-- what it is kept in is of another type.
local function listed(id, which)
  local is_read, found = pcall(shown, id, which == 'all' and 0 or -1)
  if not is_read then return {{id}, {}} end
  if which == 'ends' and call('LLEN', messages(id)) > SIZE then
    local first = call('LRANGE', messages(id), 0, SIZE - 1)
    for i = SIZE, 1, -1 do table.insert(found[2], 1, first[i]) end
  end
  return found
end
