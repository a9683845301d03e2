"""What two registries can differ in, as values: `changes` finds it, and `breaking` says what of it clients notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = str | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of a module that both registries have, by its slug in the new one. `field` is one of `changes.FIELDS`.

    Those that begin with `removed.` are of an entry in `removed` that both have.
    """

    slug: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Rename:
    """A slug that a module of the new registry names in `formerly`.

    `joins`: the successor is there already, or has another predecessor, so that two modules become one.
    """

    old: str
    new: str
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """A feature that leaves the vote allow-list, whose votes no rename takes along.

    `successor` is the module that names it in `formerly` and is not on the list itself; `stays` says that the slug
    is still a module's, or listed as removed, so that no other may name it.
    """

    feature: str
    successor: str | None = None
    stays: bool = False


Kind = Literal[
    "slug-removed",
    "slug-removed-early",
    "slug-renamed",
    "slug-merged",
    "former-slug-dropped",
    "tombstone-dropped",
    "name-reused",
    "endpoint-changed",
    "endpoint-vanished",
    "pipelinable-withdrawn",
    "artifact-withdrawn",
]


@dataclass(frozen=True, slots=True)
class Breaking:
    """A change that clients notice: they hold slugs as stable identifiers, call endpoints, and chain modules.

    What `before` and `after` are depends on the kind: of `slug-removed`, `after` is a module that it may have been
    renamed to; of `slug-removed-early`, the day after which it may go. `endpoint` is one that goes with the slug.
    """

    kind: Kind
    slug: str
    before: str
    after: str | None
    endpoint: str | None = None
