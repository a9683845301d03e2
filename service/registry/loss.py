"""Whether an edit looks like a file that was cut while it was written: it is valid, and much of it is gone."""

from collections.abc import Collection

from service.problems import Diagnostic
from service.registry.model import Registry
from service.wording import joined

#: An edit that loses at least so many names, and more than one in so many, is not believed.
_LEAST = 3
_ONE_IN = 4
#: Most names that the message lists: /readyz shows 500 characters of it.
_MOST_NAMES = 5


def loss(base: Registry, head: Registry) -> Diagnostic | None:
    """What an edit loses, if that is too much to be meant: more than a quarter of the names, and at least three.

    A name is not lost that is a former slug by now, or removed. Modules are looked at by themselves, too, since there
    may be many names of what is gone.
    """
    known = _names(head)
    for names in (base.by_slug, _names(base)):
        lost = [name for name in names if name not in known]
        if len(lost) >= _LEAST and len(lost) * _ONE_IN > len(names):
            gone = f"{len(lost)} of {len(names)} names are gone and not listed in removed"
            said = f"{gone} ({joined(lost, _MOST_NAMES)}), as if the file had been cut while it was written"
            return Diagnostic("names-lost", 0, said, "if that is meant, list them in removed, or restart the service")
    return None


def _names(registry: Registry) -> Collection[str]:
    """Every slug that the registry knows, in its order."""
    return dict.fromkeys((*registry.by_slug, *registry.renames, *registry.tombstones))
