-- Record one account's vote, or retract it. Preceded by begin.lua, which has the arguments.
-- value  1 to vote, 0 to retract the vote
-- Returns the account's status.
change(canonical(feature), voter, value == '1', today, today)
return status
