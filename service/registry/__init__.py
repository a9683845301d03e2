"""The declaration: what registry.yaml may say, and what it says. Pure: no Flask, no Redis, no Click.

`model` and `schema` say what a registry is, `lint` checks a file, `loading` reads and reloads it, `edit` edits it.
`loss` recognises a file that was cut. `changes` compares two registries, `graph` and `plan` follow needs, `export`
writes by `templates/`, which has the first registry of `init`, too.
"""
