"""What would lose votes or let somebody in, looked for in the real servers and the configuration.

`examination` has the tables of checks, and what is asked of the store as a whole: the checks are of settings
(`configuration`) and of each server (`persistence`, `access`). A check is a function that yields findings by `About` of
`model`, in one of these tables; what could not be looked at is `unseen`, never `well`. A state of a real server or a
setting in tests/doctor shows it, and docs/operators.md has its row. What is asked of a server is a field of `Server` in
`storage/servers.py`.
"""
