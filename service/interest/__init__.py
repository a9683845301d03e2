"""Who wants which feature: one Redis set of account ids a feature, the day of each vote and why, and its trend by day.

`store` reads, votes and retracts, as requests do it, and `maintenance` counts, merges and withdraws outside of them, as
it says what an edit would do. `keys` has the keys of Redis. `voters` says whom to tell and why they want it, for
admins; `shipped` what came true of what somebody wanted; `own` is what one account wants, and `reason` why. `transfer`
has votes as lines of JSON. `consistency` says whether a vote can be recorded, and whether what is stored agrees with
itself.
"""
