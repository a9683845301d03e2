"""One function for each repair: `syntax` and `values` try repairs, and the cheapest that helps is the diagnosis.

- `repair` has the type of a repair. `lines` has the lines of a text.
- `table` has the repairs of one line: the patterns of repairs.yaml, and the functions of `leftovers`, `columns` and
  `signs`, which repairs.yaml calls by their names.
- `whole_file` has the repairs of a whole file: another kind of file, text above the registry, merge conflicts.
- `value` has the type of a refused value. `unknown_fields` and `refused_values` have its repairs, and `forms` the
  well-formed values that a malformed value may be meant for.
"""
