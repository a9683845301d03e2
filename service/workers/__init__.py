"""Which registry each worker of every host serves, as the workers themselves say in Redis.

`announcements` has what a worker says of itself, and what all of them say; `announcer` is the thread in which it does.
`wait-live` and `status` read it.
"""
