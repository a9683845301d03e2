"""The demo's changes: a made-up past of the modules of its registry, one of each kind."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY, RELEASED_KEY, of_key
from service.registry.model import Label, Module, Registry
from service.storage.client import Client

#: How many days ago the first of them was, in milliseconds between the two.
DAYS, _DAY = 40, 24 * 60 * 60 * 1000


def fill(client: Client, registry: Registry, dice: random.Random) -> int:
    """Record a past that leads to the registry, over DAYS days, several changes on some of them; returns how many."""
    changes = list(_changes(registry))
    now = int(time.time() * 1000)
    times = sorted(now - dice.randrange(DAYS // 2) * 2 * _DAY - dice.randrange(_DAY // 4) for _ in changes)
    for at, change in zip(times, changes, strict=True):
        votes = dice.randrange(40, 300) if change.kind is Kind.RELEASED else None
        said = encoded(change, f"{dice.getrandbits(256):064x}", votes)
        event_id = client.command("XADD", EVENTS_KEY, f"{at}-*", "event", said)
        client.command("LPUSH", of_key(change.slug), event_id)
        if change.kind is Kind.RELEASED:
            client.command("HSET", RELEASED_KEY, change.slug, at)
    return len(changes)


def _changes(registry: Registry) -> Iterator[Change]:
    active, frozen, soon, on_demand = (
        [registry.by_slug[slug] for slug in registry.buckets[bucket]]
        for bucket in ("active", "alpha_unavailable", "coming_soon", "on_demand")
    )

    active.sort(key=lambda module: module.feature_page is None)  # the second of them gets a page

    def change(module: Module, kind: Kind, before: object, after: object) -> Change:
        return Change(kind, module.slug, module.label, before, after)  # type: ignore[arg-type]

    for module in soon[:3]:
        yield change(module, Kind.ADDED, None, "coming_soon")
    yield Change(
        Kind.REMOVED, "fax_campaign", Label("Campagne de télécopies", "Fax campaign"), "active", on_demand[0].slug
    )
    yield change(soon[0], Kind.STAGE_CHANGED, None, "considering")
    yield change(soon[0], Kind.STAGE_CHANGED, "considering", "planned")
    yield change(active[0], Kind.RENAMED, f"{active[0].slug}_beta", active[0].slug)
    yield change(active[1], Kind.RELEASED, "coming_soon", "active")
    yield change(active[1], Kind.ENDPOINT_CHANGED, f"/api/v1{active[1].api_endpoint}", active[1].api_endpoint)
    yield change(active[1], Kind.PAGE_CHANGED, None, active[1].feature_page)
    yield change(active[2], Kind.MERGED, "directories", active[2].slug)
    yield change(
        active[3],
        Kind.RELABELLED,
        Label("logo_et_charte_graphique_de_l_entreprise", "logo_and_brand_guidelines_of_the_company"),
        active[3].label,
    )
    yield change(active[4], Kind.DEPRECATED, None, "2027-06-30")
    yield change(active[4], Kind.DEPRECATED, "2027-06-30", "2027-12-31")
    yield change(active[4], Kind.UNDEPRECATED, "2027-12-31", None)
    for module in frozen[:2]:
        yield change(module, Kind.FROZEN, "active", "alpha_unavailable")
    yield change(on_demand[0], Kind.MOVED, "coming_soon", "on_demand")
    yield change(active[5], Kind.THAWED, "alpha_unavailable", "active")
    yield change(active[6], Kind.RELEASED, "coming_soon", "active")
