"""Everything that a store holds, in one file, and back: what is saved, reading it while people vote, restoring it.

`keys` says which keys are told of, and of which kind each is; `reading` walks a store, and `parts` makes lines of what
keys hold. `subjects` says what a line can tell and what checks it, `format` is the file, `older` reads the one before.
`restoring` writes all of it again, by `commands`; `events` and `requests` restore what belongs together. A line that
says something else than before makes another version of the format.
"""
