"""The registry in an editor: a language server, of which only `server` knows the protocol's library.

`document` is one open file, with its places as editors count them, its problems and what mends them, and its names.
`completion` says what may be written, and what is known of what is. `server` puts such plain values into messages.
"""
