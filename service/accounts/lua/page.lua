-- List some accounts, for an admin. Preceded by account.lua.
-- KEYS[1]  the account that asks
-- ARGV[1]  generation that its session carries
-- ARGV[2]  statuses in which an admin is one, each between commas
-- ARGV[3]  what the keys of accounts begin with
-- ARGV[4]  the cursor of SCAN to begin with
-- ARGV[5]  looks no further once it has read so many accounts
-- ARGV[6]  or has seen so many keys
-- ARGV[7]  the status of those that are listed, or nothing
-- ARGV[8]  their role, or nothing
-- Returns the asking account's status and role; the cursor to go on with, 0 at the end; how many accounts were read;
-- and of each that is listed id, status, role, name, e-mail address and language.
local status, role = status_for(KEYS[1], ARGV[1]), call('HGET', KEYS[1], 'role')
if not is_among(status, ARGV[2]) or role ~= 'admin' then return {status, role, '0', 0, {}} end

local prefix, cursor, read, seen, rows = ARGV[3], ARGV[4], 0, 0, {}
local most_read, most_seen, step = tonumber(ARGV[5]), tonumber(ARGV[6]), 50
repeat
  local after, keys = unpack(call('SCAN', cursor, 'MATCH', prefix .. '*', 'COUNT', step, 'TYPE', 'hash'))
  for _, key in ipairs(keys) do
    local found = call('HMGET', key, 'status', 'role', 'name', 'email', 'locale')
    if found[1] then
      local its_role = found[2] and found[2] ~= '' and found[2] or 'member'
      read = read + 1
      if (ARGV[7] == '' or ARGV[7] == found[1]) and (ARGV[8] == '' or ARGV[8] == its_role) then
        local at = #rows
        rows[at + 1], rows[at + 2], rows[at + 3] = string.sub(key, #prefix + 1), found[1], its_role
        for field = 3, 5 do rows[at + 1 + field] = found[field] or '' end
      end
    end
  end
  cursor, seen = after, seen + step
until cursor == '0' or read >= most_read or seen >= most_seen
return {status, role, cursor, read, rows}
