"""How to reach Redis: a client for any server, and the embedded server, used when none is named. Knows no subject.

`client` is what all ask, by `script`, `opening` and `redis_url`; `faults` and `breaker` say what failed, `writes` what
confirms a write and how often somebody may, `form` and `servers` what a store is. `periodic_task` is a thread beside
requests, and `entries` says how those of lists are told.
The embedded one: `embedded` starts a server in `data_dir`, which one process at a time may `lock`; `files` are looked
at by the server's own tools, and have room kept for them.

A script is a .lua in the `lua/` of its room, with its keys in one slot, each named by one function. It uses `call`,
checks what can fail before it writes, and may be run twice, since a lost answer has it sent again; what is acknowledged
to a person is run with `writes=True`. A new key: docs/platform.md, backup/stored.py and, of a person,
privacy/personal_data.py; one that means another thing than before: VERSION in `form`. A new room: setup.cfg.
"""
