-- Record what somebody is about to do, or has done. Preceded by actor.lua; KEYS[1] is the account that it is done to.
-- ARGV[5]  random text of this act, by which a script that is run again knows it
-- ARGV[6]  how it ended, in JSON, or nothing as long as that is not known
-- ARGV[7]  what, and then about, before and after
-- Returns an empty list. Of somebody whose account is gone, the record of what was done does not keep who it was.
if call('HSETNX', KEYS[3], ARGV[5], ARGV[6]) == 1 then
  recorded(ARGV[7], ARGV[4], ARGV[8], ARGV[9], ARGV[10], ARGV[5])
  if ARGV[6] ~= '' and ARGV[4] ~= '' and call('EXISTS', KEYS[1]) == 0 then
    call('HDEL', KEYS[5], call('HGET', KEYS[4], ARGV[4]))
    call('HDEL', KEYS[4], ARGV[4])
  end
end
return {status, role, {}}
