"""The linter: what is wrong with a registry file, each problem once, at the place where it can be mended.

`service.registry.loading.examine` runs the passes in this order; each relies on those before it, and no file imports a
later one:

1. `service.registry.text.source` has read the text into values that know their places, and found what is wrong with it
   as YAML. What was read in spite of that is looked at as if it had been sound.
2. `shape` takes a `wrapped` registry out of what is around it, and reads the nodes as `entries`, mappings whose
   misspelled fields have their right names (`unknown`), after `strays` has put together what is torn. The result is
   held against the JSON Schema (`validation`). Its `breaks` become findings by `verdicts`: `fields` has the words for
   one field, and `states` for the fields that a module's state forbids or asks for.
3. `rules` compares the entries: what is unique, reserved, or a former slug; in `supply`, who produces what others need;
   and, in `ends`, which modules will go or are gone.

Where somebody asks for them, `warnings` (with `warnings_text` and `languages`) then looks for what is most likely a
mistake.

Every pass yields findings of `text.nodes`, whose place is an offset and whose words are made only if somebody reads
them. Where one way to mend it is certain, a finding makes the edits too, by `text.rewriting`. What a value may be meant
for is in `guesses`, by the value alone, and in `refused` (where it is of another kind, in `other_kind`), by what is
`known` of the file: no proposal may clash with the rest.

The `catalogue` says for people what each rule is for; only `warnings` reads it, where a comment names rules.

One mistake gives one problem. For this each entry has the set `doubtful`, and its invariant is: **a field is in the set
if its value may change, or it may go, when a finding that is made already is mended; and no rule reports anything that
follows from the value of a field in the set.** Passes only add to it, and `shape` is done before `rules` begins. So the
order of the passes decides which of two findings is reported: the earlier, which is the cause.

Two things are exempt. A field whose name is plainly misspelled is read under its right name, and not doubtful. And the
items of a list of names are judged one by one: a rule may go by the well-formed ones, `Entry.names`, of any list.
"""
