"""One person: what is told them on every page, and everything that is kept of them.

`news` is what GET /api/me tells, `overview` what an admin sees of somebody. `privacy` lists all kinds of what is kept
of a person, each from the `privacy` of its room: whatever else comes to be kept belongs there, to be shown and erased.
"""
