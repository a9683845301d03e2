"""Exit codes beside 0, the same for every command."""

#: The file has problems, or what was asked could not be done.
FAILED = 1
#: The file cannot be read, or (Click's own) the command line makes no sense.
UNREADABLE = 2
#: What `--fail-on` names is there; of a plan, something is missing or left out.
FOUND = 3
