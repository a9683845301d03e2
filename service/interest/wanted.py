"""What one account wants, of all that the registry knows, for an admin. It is found without a search."""

from __future__ import annotations

from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import BATCH
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script

_WANTED = Script.load("interest/votes", "interest/wanted", returns=[str])


def wanted_by(client: Client, account_id: str, registry: Registry) -> list[str]:
    """The ids that an account's votes are kept under: for features, and for modules that were some, sorted.

    Those of neither (orphans) are not among them: `people.kept` finds all. Raises StorageUnavailable.
    """
    known = [*dict.fromkeys([*registry.allowed_features, *registry.by_slug, *registry.renames])]
    found: set[str] = set()
    for start in range(0, len(known), BATCH):
        found.update(client.run(_WANTED, VOTES_KEYS, [account_id, *known[start : start + BATCH]]))
    return sorted(found)
