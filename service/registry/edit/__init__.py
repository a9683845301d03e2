"""Editing a registry file's text: what is asked is changed, and everything else stays as it is, to the byte.

A file is not written anew from its values, which would lose comments, quotes, order and blank lines. `modules` has the
edits of a sound file, `new`, `rename`, `release` and `remove`, at the places of the linter's nodes; `writing` puts them
in the style of the file. `mending` makes the edits that diagnostics carry (`check --fix`), and `references` renames
slugs in the source code of clients.

None of them is trusted: what comes out is checked as any file is, and has to be the registry that was asked for
(`Opened.changed`). So text that is written in a way that nobody has thought of, such as a field that comes by an alias,
leads to a refusal.
"""
