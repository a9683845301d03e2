-- What scripts that act for a session share: the account is looked at in the same step as what it permits.

-- The account's status, or false where there is no such account or the session of this generation has ended.
local function status_for(account, generation)
  local status, current, required = unpack(call('HMGET', account, 'status', 'generation', 'generation_required'))
  if generation == '' then
    if required and required ~= '' and required ~= '0' then return false end
  elseif generation ~= current then
    return false
  end
  return status
end

-- Whether a status is one of several, which stand between commas.
local function is_among(status, statuses)
  return status and not string.find(status, ',', 1, true) and string.find(statuses, ',' .. status .. ',', 1, true)
end

-- The account's status, or false where there is no such account, and its generation: a fresh one where it has none yet.
local function generation_of(account, fresh)
  local status, generation = unpack(call('HMGET', account, 'status', 'generation'))
  if status and (not generation or generation == '') then
    generation = fresh
    call('HSET', account, 'generation', generation)
  end
  return status, generation
end
