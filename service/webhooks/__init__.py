"""Tells a receiver of the operator's, by signed POSTs, what changed in the registry and what became of requests.

`store` has the queues and how far each is delivered, `deliverer` is the thread that delivers one in its order, and
`receiver` makes a message of an event and one try to send it.
"""
