"""What changed in the registry, recorded once for all workers on all hosts as each edit comes into force.

`finding` compares two registries, the former in the compact form in which it was stored, and `recorder` is the thread
that does so in each worker. `model` has events as values and as JSON, `store` records and reads them, and has the keys
of Redis.
"""
