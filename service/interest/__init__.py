"""Who wants which feature: one Redis set of account ids a feature, the day of each vote and why, and its trend by day.

`store` reads, votes and retracts, as requests do it, and `maintenance` counts, merges and withdraws outside of them,
and says what an edit does to votes. `keys` has the keys of Redis. `voters` says whom to tell, and why they want it, for
admins; `own` is what one account wants, and what of that has shipped; `reason` is why. `transfer` has votes as lines of
JSON. `consistency` says whether a vote can be recorded, and whether what is stored agrees with itself.
"""
