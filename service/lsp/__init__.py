"""The registry in an editor: a language server, of which only `server` knows the protocol's library.

`positions` has places as editors count them, `document` one open file, and `context` where the cursor stands in what is
being typed. `completion`, `hover`, `navigation` and `fixes` answer one kind of question each, with plain values, which
`server` puts into messages.
"""
