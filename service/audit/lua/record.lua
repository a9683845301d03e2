-- What scripts share that record who did what. They have these keys one after the other, from some place on:
--   entries     a stream: way, who (a pseudonym, or the name of whoever runs a command), what, whom (a pseudonym),
--               about, before, after, and act, which only an act of several steps has
--   outcomes    a hash: act -> how it ended, in JSON, or nothing as long as that is not known
--   pseudonyms  a hash: account id -> pseudonym
--   people      a hash: pseudonym -> account id
local TRIMMED = 200 -- that one step removes at most, beyond those that are kept

-- What records: a function of what, whom (account id), about, before, after and act, each of which may be nothing.
-- `first` is the place of the first key, and `by` says who acts, in JSON. All that can fail comes first.
local function recorder(first, by)
  local entries, outcomes, pseudonyms, people = KEYS[first], KEYS[first + 1], KEYS[first + 2], KEYS[first + 3]
  local actor = cjson.decode(by)
  call('XLEN', entries)
  for _, key in ipairs({outcomes, pseudonyms, people}) do call('HLEN', key) end

  local function pseudonym(id, fresh)
    local known = call('HGET', pseudonyms, id)
    if known then return known end
    call('HSET', pseudonyms, id, fresh)
    call('HSET', people, fresh, id)
    return fresh
  end

  local function trim()
    local over = math.min(call('XLEN', entries) - actor.keeps, TRIMMED)
    if over <= 0 then return end
    for _, entry in ipairs(call('XRANGE', entries, '-', '+', 'COUNT', over)) do
      for i = 1, #entry[2], 2 do
        if entry[2][i] == 'act' then call('HDEL', outcomes, entry[2][i + 1]) end
      end
      call('XDEL', entries, entry[1])
    end
  end

  return function(what, whom, about, before, after, act)
    local who = actor.name
    if actor.way == 'account' then who = pseudonym(who, actor.who) end
    if whom ~= '' then whom = pseudonym(whom, actor.whom) end
    local fields = {'way', actor.way, 'who', who, 'what', what, 'whom', whom, 'about', about, 'before', before, 'after', after}
    if act then
      fields[#fields + 1] = 'act'
      fields[#fields + 1] = act
    end
    call('XADD', entries, '*', unpack(fields))
    trim()
  end
end
