"""How to reach Redis: a client for any server, and the embedded server, used when none is named.

Nothing here knows what is stored.
"""
