"""The linter: what is wrong with a registry file, each mistake once, at the place where it can be mended.

It does not recognise mistakes, it tries repairs: the cheapest after which more can be read, or less is wrong, is the
diagnosis. Its words are told, and its edits are what `check --fix` and editors make. What no repair helps is told in
the words of the schema or the parser, and left open: nothing is said of it any more.

1. `linter` makes text of the bytes, and `reading` makes `nodes` of it, by libyaml's events, and finds what is unsafe or
   ambiguous.
2. Where libyaml fails, `search` tries `lines`, most of them rows of repairs.yaml, on the entry around its mark.
3. `shape` tells what the JSON Schema refuses, and `search` tries `values` on each such entry. What they propose must
   not clash with other `names` of the file. A repair that leads to another mistake at its own place is told once.
4. `rules` compare the entries of the file as it is mended then. So one mistake hides no other, and is not told again by
   what follows from it. What they propose is tried by `check --fix` alone.
5. Where somebody asks for them, `warnings` and `warned_texts` look for what is right, and most likely not meant.

The `catalogue` says what each rule is for, `characters` which nobody sees. Places are those of the file's own text.
"""
