"""Which names that will end are still requested, by day and by kind of client: `counting` counts, `store` adds up.

`counting` holds the numbers of one process. Once a minute, `store` adds them to Redis.
"""
