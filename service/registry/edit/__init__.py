"""Editing a registry file's text: what is asked is changed, and everything else stays as it is, to the byte.

A file is not written anew from its values, which would lose comments, quotes, order and blank lines. Instead `pieces`
says where each value stands in the text, `surgery` and `style` make `Edit`s of it, and `edits` puts them into the text.

`mending` applies what certain problems carry to mend them (`check --fix`). The others begin with a sound file, an
`opening.Opened`: `adding` a module, `renaming` it, and its `ending`, when it is released or removed. None of them is
trusted: what comes out is checked as any file is, and has to be the registry that was asked for (`Opened.changed`). So
text that is written in a way that nobody has thought of, such as a field that comes by an alias, leads to a refusal.
"""
