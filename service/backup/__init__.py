"""Everything that a store holds, in one file, and back: what is saved, reading it while people vote, restoring it.

`subjects` says what a line can tell, what checks it, and what writes it; `stored` makes lines of keys: of a store that
`reading` walks, and of a file of format 1. `format` is the file, `restoring` writes all of it again.
A line that says something else than before makes another version of the format.
"""
