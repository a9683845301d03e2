"""Backup of a complete store into one file, and its restore.

`subjects` has the subjects of lines, with their checks and the commands that write them.
`stored` makes lines of keys, and `reading` reads these keys while people use the store.
`format` reads and writes the file. `restoring` writes the lines into an empty store.

A line that changes its meaning needs another version of the format. `format` reads the
current version and the previous one.
"""
