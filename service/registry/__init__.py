"""The declaration: what registry.yaml may say, and what it says. Pure: no Flask, no Redis, no Click.

`model` has modules and registries as values, `schema` the published JSON Schema. `loading` makes one of a file, which
`lint` checks and `edit` edits; `reload` keeps one in force, unless `loss` takes an edit for a file that was cut.
`changes` compares two, `graph` and `layout` are needs and products, `plan` says what runs together, `export` writes
source text.
"""
