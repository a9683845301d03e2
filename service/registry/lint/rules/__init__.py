"""One function for each rule, named as the rule: `endpoint-forbidden` is `endpoint_forbidden`.

The decorator `rule` of `catalogue` registers each function. Files group rules by subject:

- `file` and `notation` hold rules of the file's text and of YAML, which `decoding`, `reading` and `syntax` call.
- `schema` and `state` hold the rules that the JSON Schema decides, which `shape` calls.
- `slugs`, `endings`, `endpoints` and `artifacts` compare entries, for `checks` and `warnings`.
- `texts`, `likeness` and `comments` hold warnings only.
"""
