-- List some accounts.
-- KEYS[1]  what the keys of accounts begin with
-- ARGV[1]  the cursor of SCAN to begin with
-- ARGV[2]  looks no further once it has read so many accounts
-- ARGV[3]  or has seen so many keys
-- ARGV[4]  the status of those that are listed, or nothing
-- ARGV[5]  their role, or nothing
-- Returns the cursor to go on with, 0 at the end; how many accounts were read; and of each that is listed id, status,
-- role, name, e-mail address and language.
local prefix, cursor, read, seen, rows = KEYS[1], ARGV[1], 0, 0, {}
local most_read, most_seen, step = tonumber(ARGV[2]), tonumber(ARGV[3]), 50
repeat
  local after, keys = unpack(call('SCAN', cursor, 'MATCH', prefix .. '*', 'COUNT', step, 'TYPE', 'hash'))
  for _, key in ipairs(keys) do
    local found = call('HMGET', key, 'status', 'role', 'name', 'email', 'locale')
    if found[1] then
      local its_role = found[2] and found[2] ~= '' and found[2] or 'member'
      read = read + 1
      if (ARGV[4] == '' or ARGV[4] == found[1]) and (ARGV[5] == '' or ARGV[5] == its_role) then
        local at = #rows
        rows[at + 1], rows[at + 2], rows[at + 3] = string.sub(key, #prefix + 1), found[1], its_role
        for field = 3, 5 do rows[at + 1 + field] = found[field] or '' end
      end
    end
  end
  cursor, seen = after, seen + step
until cursor == '0' or read >= most_read or seen >= most_seen
return {cursor, read, rows}
