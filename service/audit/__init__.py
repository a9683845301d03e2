"""Who did what: each act of an admin, by page or command line, once, in the order in which they were done.

`model` has who acts and what is recorded, `store` reads it and has the keys of Redis. An act is a function
that takes `by: Actor`, from `web/session.py` or `cli/store.py`; a member of Action, whose words are in the template
admin-audit.html; and one script, which loads `audit/record` before itself and calls `recorder` before it writes. Around
several steps stands `intended` of `accounts/actor.py`. tests/audit/test_recording.py has each act.
"""
