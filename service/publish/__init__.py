"""What is the same for everybody, as files that nginx serves with neither Python nor a store.

`answers` asks the application for each public address, in each content coding, as a client does: what is published is
what `serve` answers. `folder` keeps the bytes, each revision in a folder of its own that a symbolic link leads to, and
`configuration` has nginx say the rest. `publishing` is the order of it.
"""
