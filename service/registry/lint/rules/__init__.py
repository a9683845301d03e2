"""One function for each rule that compares entries or reads texts: `own-route` is `own_route`.

`slugs`, `endings`, `endpoints` and `artifacts` compare entries. `texts` and `likeness` are warnings.
"""
