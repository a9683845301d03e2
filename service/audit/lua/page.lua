-- Read entries, newest first.
-- KEYS[1]  to KEYS[4]: those of record.lua
-- ARGV[1]  the id of the entry before the first, or nothing to begin with the newest
-- ARGV[2]  the id of the oldest that is wanted, or -
-- ARGV[3]  most entries that are returned
-- ARGV[4]  most entries that are looked at
-- ARGV[5]  only those by or about this account id, pseudonym or user of a machine; or nothing
-- ARGV[6]  only those of this kind of act; or nothing
-- Returns the id of the entry that was looked at last, or nothing if there are no more; then the entries, each as a list
-- of fields and values, with id, outcome, who_id and whom_id beside those of record.lua.
local begin = ARGV[1] == '' and '+' or '(' .. ARGV[1]
local most, looked = tonumber(ARGV[3]), 0
local pseudonym = ARGV[5] ~= '' and call('HGET', KEYS[3], ARGV[5])
local found, last = {}, ''

local function is_wanted(value) return ARGV[5] == '' or value == ARGV[5] or (pseudonym and value == pseudonym) end

local entries = call('XREVRANGE', KEYS[1], begin, ARGV[2], 'COUNT', ARGV[4])
for _, entry in ipairs(entries) do
  local parts = entry[2]
  looked = looked + 1
  -- Who, what and whom are the second to fourth field: a table of each entry by name would take as long as to read it.
  if (is_wanted(parts[4]) or is_wanted(parts[8])) and (ARGV[6] == '' or parts[6] == ARGV[6]) then
    local fields = {id = entry[1]}
    for i = 1, #parts, 2 do fields[parts[i]] = parts[i + 1] end
    fields.act = fields.act or ''
    fields.outcome = fields.act ~= '' and call('HGET', KEYS[2], fields.act) or ''
    fields.who_id = fields.way == 'account' and fields.who and call('HGET', KEYS[4], fields.who) or ''
    fields.whom_id = fields.whom and fields.whom ~= '' and call('HGET', KEYS[4], fields.whom) or ''
    local flat = {}
    for name, value in pairs(fields) do
      flat[#flat + 1] = name
      flat[#flat + 1] = value
    end
    found[#found + 1] = flat
    if #found == most then break end
  end
end
if looked > 0 and (looked < #entries or looked == tonumber(ARGV[4])) then last = entries[looked][1] end
return {last, found}
