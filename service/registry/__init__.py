"""The declaration: what registry.yaml may say, and what it says. Pure: no Flask, no Redis, no Click.

`loading` makes a `model` of a file, which `schema` describes, `lint` checks and `edit` edits; `reload` keeps one in
force, unless `loss` finds it cut. `changes` compares two, `graph`, `layout` and `plan` are of needs; `export` writes
by `templates/`, which has the first registry of `init`, too, and `references` finds slugs in the source of clients.
"""
