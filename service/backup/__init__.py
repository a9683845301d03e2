"""Everything that a store holds, in one file, and back: what is saved, reading it while people vote, restoring it."""
