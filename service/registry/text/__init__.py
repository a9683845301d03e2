"""The text of a registry file: read into values that know their places, also where it is no YAML.

No file imports a later one of this list:

1. `nodes` are the values, and the findings about them; a `patch` is a text with edits, and `rewriting` makes edits of
   values, in the style of the file. `encoding` and `characters` know what bytes and signs are, `no_anchor`
   what an alias that stands for nothing is meant for.
2. `lines` are those around a place. A line has a `layout` and an `indentation`, `blanks` that are none, and `values`
   that are no YAML: `bad_value` puts these into words, in `quotes`, in `brackets` or in `plain_text` (what they share
   of `one_value`), and in the `forms` of other languages. Lists have `items`. What is found is one of `mistakes`.
   `misreadings` are YAML that nobody meant, `typographic` quotes among them.
3. What was `pasted`; a text that is `foreign`, has a `preface`, or is `prefixed` on each line; entries that are
   `misplaced`, or stand there `again`. By the lines around: `dashes` and `marks`.
4. `syntax` asks these where the parser fails, by what is `around`; `recovery` mends that in a patch of the text, or
   takes it out.
5. `composing` makes values of the parser's events, those of `mappings` by their `keys` (`no_dash` knows entries that
   are fields of another); what both know on the way is a `reading`. They refuse what is unsafe or ambiguous, such as a
   key given twice. `source` does it again for as long as the patch changes.

The places of a finding and of its edits are always those of the file's own text, not of a patched one.
"""
