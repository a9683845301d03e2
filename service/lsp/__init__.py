"""The registry in an editor: a language server, of which only `server` knows the protocol's library.

`document` is one open file, with its places as editors count them, its problems and what mends them, and where it says
names. `completion` and `names` answer questions with plain values, which `server` puts into messages.
"""
