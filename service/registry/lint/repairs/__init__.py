"""One function for each repair. `syntax` and `values` try repairs, and the cheapest that helps is the diagnosis.

`table` applies the patterns of repairs.yaml to a line; `signs` and `misplaced_lines` are functions that it calls by
name. `value` has the type of a refused value; `unknown_fields` and `refused_values` repair one.
"""
