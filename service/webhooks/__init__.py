"""Tells a receiver of the operator's, by signed POSTs, what changed in the registry and what became of requests.

`keys` has the queues, `deliverer` is the thread that delivers one in its order, and `store` says how far it has come.
`message` is an event as it is sent, and `receiver` makes one try.
"""
