"""The linter: finds every mistake in a registry file, and reports each once, at the place to mend it.

The linter tries repairs. The cheapest repair after which more can be read, or fewer mistakes are left, is the
diagnosis: people read its words, and `check --fix` and editors apply its edits. A mistake that no repair helps has the
words of the schema or the parser. Its value becomes UNKNOWN, and no rule reports it again.

1. `linter` decodes the bytes, and calls the steps. `reading` makes `nodes` of the text from libyaml's
   events, and checks the rules of YAML.
2. If libyaml fails, `syntax` tries the repairs of lines on the entries around the error.
3. `shape` checks the JSON Schema, and `values` tries repairs on each entry with mistakes. A repair must not clash with
   other `names` of the file. `draft` is the file as it is mended so far, entry by entry.
4. `checks` compares the entries of the mended file. So one mistake hides no other, and is not reported again by its
   consequences. Only `check --fix` tries the edits of these diagnostics.
5. `warnings` finds valid values that are most likely not intended, for `check` and editors.

Each rule is a function called like the rule: `duplicate-slug` is `duplicate_slug`. Most are in `rules/`; the rules of
YAML are in `reading`, those of the JSON Schema and of states in `shape`. Each repair is a function in `repairs/`, or a
row of repairs.yaml. Diagnostics have offsets of the file on disk.
"""
