"""Activation requests: what members ask for on-demand modules, and what admins answer (the Feedback API).

`model` has threads as values and as JSON, and what may be said in one. `store` asks, reads, answers and changes, a
script each; `queue` is what waits for admins. `keys` has the keys of Redis.
"""
