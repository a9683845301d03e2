"""The registry of the demo: that of a file, in which some modules will go, some are gone, and some had other slugs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from support import REPOSITORY

from service.history.model import Change, Kind
from service.registry.model import Label, Registry

#: Names, texts, ends and changes.
TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("demo.yaml").read_text("utf-8"))


def utc_today() -> date:
    """The day that the service takes for today."""
    return datetime.now(UTC).date()


def document(file: Path = REPOSITORY / "registry.yaml", today: date | None = None) -> dict[str, Any]:
    """What a registry file says, with the ends of modules and the former slugs that the demo tells of."""
    said = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    today, entries = today or utc_today(), {entry["slug"]: entry for entry in said["modules"]}
    days = {name: _day(TABLE["each"][name], today).isoformat() for name in ("since", "removed_after")}
    for slug in TABLE["deprecated"].keys() & entries:
        entries[slug]["deprecated"] = TABLE["each"] | days | _use(TABLE["deprecated"][slug], entries)
    removed = said.setdefault("removed", [])
    known = {*entries, *(each["slug"] for each in removed)}
    for each in TABLE["removed"]:
        if each["slug"] not in known:
            told = {"slug": each["slug"], "date": _day(each["date"], today).isoformat(), "because": each["because"]}
            removed.append(told | _use(each, entries))
    for _, change in _told(Registry.from_document(said), today):
        if change.kind in (Kind.RENAMED, Kind.MERGED):
            entries[change.slug].setdefault("formerly", []).append(change.before)
    return said


def as_yaml(said: dict[str, Any]) -> str:
    """It as a file."""
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


def past(registry: Registry, today: date) -> list[tuple[date, Change]]:
    """What led to a registry, with the day of each change, oldest first: it says what the registry says."""
    return sorted([*_told(registry, today), *_ends(registry)], key=lambda each: each[0])


def _told(registry: Registry, today: date) -> Iterator[tuple[date, Change]]:
    for ago, bucket, number, name, before, after in TABLE["changes"]:
        modules = [registry.by_slug[slug] for slug in registry.buckets[bucket]]
        modules.sort(key=lambda module: bucket == "active" and module.feature_page is None)
        for module in modules[number : number + 1]:
            values = [value.format(m=module) if isinstance(value, str) else value for value in (before, after)]
            if name == Kind.RELABELLED:
                values = [Label(**before), module.label]
            yield _day(ago, today), Change(Kind(name), module.slug, module.label, *values)


def _ends(registry: Registry) -> Iterator[tuple[date, Change]]:
    for module in registry.modules:
        if end := module.deprecated:
            change = Change(Kind.DEPRECATED, module.slug, module.label, None, end.removed_after)
            yield date.fromisoformat(end.since), change
    labels = {each["slug"]: Label(**each["label"]) for each in TABLE["removed"]}
    for gone in registry.removed:
        label = labels.get(gone.slug, Label(gone.slug, gone.slug))
        yield date.fromisoformat(gone.date), Change(Kind.REMOVED, gone.slug, label, "active", gone.use)


def _day(ago: int | str, today: date) -> date:
    return today - timedelta(days=today.day + 9 if ago == "last-month" else int(ago))


def _use(end: dict[str, Any], entries: dict[str, Any]) -> dict[str, Any]:
    return {"use": end["use"]} if end.get("use") in entries else {}
