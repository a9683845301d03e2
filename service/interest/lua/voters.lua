-- List the accounts that want a feature, some at a time, for an admin or a command. Preceded by account.lua and votes.lua.
-- KEYS[6]  what the keys of accounts begin with
-- KEYS[7]  the account that asks, if it is not a command
-- ARGV[1]  account id
-- ARGV[2]  generation that the session carries
-- ARGV[3]  statuses in which an admin is one, each between commas
-- ARGV[4]  most voters
-- ARGV[5]  a set with more voters than this is scanned
-- ARGV[6]  where to begin: how many sets there were, which of them is read, how, and from where on; or nothing
-- ARGV[7]  on: ids of the feature, the current one first
-- Returns the account's status and role, or false; where the next page begins, or nothing; and of each voter id, name,
-- e-mail address, locale and status, empty where there is no account, the day of the vote, and when and why, or nothing.
local status, role = KEYS[7] and status_for(KEYS[7], ARGV[2]) or false, false
if KEYS[7] then
  role = call('HGET', KEYS[7], 'role')
  if not is_among(status, ARGV[3]) or role ~= 'admin' then return {status, role, '', {}} end
end
local most = tonumber(ARGV[4])

local sets, seen = {}, {}
for i = 7, #ARGV do
  local id = canonical(ARGV[i])
  if not seen[id] and call('EXISTS', interest(id)) == 1 then sets[#sets + 1] = id end
  seen[id] = true
end

-- Where two sets became one meanwhile, the walk begins anew: some voters come twice then, and none is left out.
local number, index, way, from = string.match(ARGV[6], '^(%d+)%.(%d+)%.(%l)(.*)$')
index = tonumber(number) == #sets and tonumber(index) or 1
if tonumber(number) ~= #sets then way = 'b' end

local function hex(text)
  return (string.gsub(text, '.', function(one) return string.format('%02x', string.byte(one)) end))
end

-- Few voters come in an order, so that a page has as many as were asked for, which SSCAN does not promise: the server
-- keeps a small set in one piece. Returns voters, and where to go on.
local function few(id, after)
  local ids, texts, found = {}, {}, {}
  for _, id in ipairs(call('SMEMBERS', interest(id))) do
    local text = hex(id)
    ids[text] = id
    if not after or text > after then texts[#texts + 1] = text end
  end
  table.sort(texts)
  for i = 1, math.min(most, #texts) do found[i] = ids[texts[i]] end
  return found, #texts > most and texts[most]
end

-- Many are scanned, a bucket at a time as long as they fit on the page.
local function many(id, from_here)
  local found, cursor = {}, from_here or '0'
  repeat
    local after, ids = unpack(call('SSCAN', interest(id), cursor, 'COUNT', 1))
    if #found > 0 and #found + #ids > most then break end
    for _, id in ipairs(ids) do found[#found + 1] = id end
    cursor = after
  until cursor == '0' or #found >= most
  return found, cursor ~= '0' and cursor
end

local voters, following = {}, ''
if sets[index] then
  local walk = call('SCARD', interest(sets[index])) > tonumber(ARGV[5]) and 'm' or 'f'
  if way ~= walk then from = nil end -- it begins with this set, or the set has grown or shrunk meanwhile
  local found, at = (walk == 'm' and many or few)(sets[index], from)
  if at then following = #sets .. '.' .. index .. '.' .. walk .. at
  elseif sets[index + 1] then following = #sets .. '.' .. index + 1 .. '.b'
  end
  for _, id in ipairs(found) do
    voters[#voters + 1] = id
    local fields = call('HMGET', KEYS[6] .. id, 'name', 'email', 'locale', 'status')
    for field = 1, 4 do voters[#voters + 1] = fields[field] or '' end
    for _, kept in ipairs({voted(sets[index]), reasons(sets[index])}) do
      voters[#voters + 1] = call('HGET', kept, id) or ''
    end
  end
end
return {status, role, following, voters}
