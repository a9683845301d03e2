"""Exit codes beside 0, the same for every command."""

from service.problems import ModuleRegistryError, UnreadableRegistry

#: The file has problems, or what was asked could not be done.
FAILED = 1
#: The file cannot be read, or (Click's own) the command line makes no sense.
UNREADABLE = 2
#: What `--fail-on` names is there; of a plan, something is missing or left out.
FOUND = 3


def code_of(error: ModuleRegistryError) -> int:
    """That of a command that was refused."""
    return UNREADABLE if isinstance(error, UnreadableRegistry) else FAILED
