"""The linter: what is wrong with a registry file, each problem once, at the place where it can be mended.

`service.registry.loading.parse` runs the passes in this order; each relies on those before it, and no file imports a
later one:

1. `source` composes the YAML (`syntax` puts the parser's errors into plain words) into `nodes`: values that know
   their place in the text. It refuses what is unsafe or ambiguous in YAML itself, such as a key given twice.
2. `shape` reads the nodes as `entries`, mappings whose misspelled fields have their right names, and puts the result
   to the JSON Schema (`validation`). `fields` has the words for what the schema refuses in one field, and `states` for
   the fields that a module's state forbids or asks for.
3. `rules` compares the entries: what is unique, reserved, or a former slug; and, in `supply`, who produces what others
   need.

Every pass yields findings of `nodes`, whose place is an offset and whose words are made only if somebody reads them.
The `catalogue` says for people what each rule is for; no pass reads it.

One mistake gives one problem. For this each entry keeps the set `doubtful`, with the invariant: **a field is in it as
soon as it has a finding of its own, or its value may change when another finding is mended, and from then on no pass
reports anything that follows from the value of that field.** Passes add to the set and never take from it, so the order
of the passes decides which of two findings is the one that is reported: the earlier, which is the cause.
"""
