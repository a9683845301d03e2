"""The linter: what is wrong with a registry file, each problem once, at the place where it can be mended.

`service.registry.loading.parse` runs the passes in this order; each relies on those before it, and no file imports a
later one:

1. `source` composes the YAML into `nodes`: values that know their place in the text. It refuses what is unsafe or
   ambiguous in YAML itself, such as a key given twice, but for the parts of a list, which are `misplaced` and joined.
   Bytes of another `encoding` are read as well, and what a `prefixed` file has before each line is taken away first.
   Where the parser fails, `syntax` looks at the `lines` around for what somebody has done there (`mistakes` of layout
   and what does not go with the lines `around`, and `quoting` for `values`, which may have other `forms`), and on the
   whole text for what is `foreign`, was `pasted` or is a `preface`. It mends that in a `patch` of the text, or takes it
   out, and composes the text again.
2. `shape` takes a `wrapped` registry out of what is around it, and reads the nodes as `entries`, mappings whose
   misspelled fields have their right names (`unknown`), after `strays` has put together what is torn. The result is
   put to the JSON Schema (`validation`). `fields` has the words for what the schema refuses in one field, and `states`
   for the fields that a module's state forbids or asks for.
3. `rules` compares the entries: what is unique, reserved, or a former slug; in `supply`, who produces what others need;
   and, in `ends`, which modules will go or are gone.

Where somebody asks for them, `warnings` (with `warnings_text` and `languages`) then looks for what is most likely a
mistake.

Every pass yields findings of `nodes`, whose place is an offset and whose words are made only if somebody reads them.
Where one way to mend it is certain, a finding makes the edits too, by `mending`. What a value may be meant for is in
`guesses`, by the value alone, and in `guess`, by what is `known` of the file: no proposal may clash with the rest.
The places of a finding and of its edits are always those of the file's own text, not of a patched one.

The `catalogue` says for people what each rule is for; only `warnings` reads it, where a comment names rules.

One mistake gives one problem. For this each entry has the set `doubtful`, and its invariant is: **a field is in the set
if its value may change, or it may go, when a finding that is made already is mended; and no rule reports anything that
follows from the value of a field in the set.** Passes only add to it, and `shape` is done before `rules` begins. So the
order of the passes decides which of two findings is reported: the earlier, which is the cause.

Two things are exempt. A field whose name is plainly misspelled is read under its right name, and not doubtful. And the
items of a list of names are judged one by one: a rule may go by the well-formed ones, `Entry.names`, of any list.
"""
