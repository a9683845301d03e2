"""What would lose votes or let somebody in, looked for in the real servers and the configuration.

`examination` asks all checks: of settings, of each server (`servers`) and of the store as a whole. A check is a
function that says something or nothing, marked by `check` of `model`, and listed in a table; what could not be looked
at is `unseen`, never `well`. A state of a real server or a setting in tests/doctor shows it, and docs/operators.md has
its row. What is asked of a server is a field of `Server` in `storage/servers.py`.
"""
