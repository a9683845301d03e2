"""From a path to a Registry: `loader` reads and checks the file once, `reload` follows its edits."""
