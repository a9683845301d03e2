"""What is counted and measured: every number that workers write down, with its labels and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a number behaves, and what it is when several workers have one of their own."""

    COUNTER = "counter"
    """Only grows; that of all workers, those that have ended included, is the sum."""
    HISTOGRAM = "histogram"
    """How many took up to so many seconds each, and their sum; likewise."""
    GAUGE = "gauge"
    """How it is at this moment: the sum over the workers that live."""


#: The value of each label, after the name of a metric or without it.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a worker, or one for each value of its labels.

    Labels are routes, features and words of our own, never a path or an id: whoever asks cannot make up new ones.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A gauge that is read when it is asked for, and kept nowhere: values by labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    values: Mapping[Key, float] = field(default_factory=dict)


#: Upper limits of the buckets of every histogram, in seconds; a last one takes the rest.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Metric(
    "request_duration_seconds",
    Kind.HISTOGRAM,
    "Time until an answer begins.",
    ("route", "method", "status"),
)
VOTES = Metric("votes", Kind.COUNTER, "Votes that were acknowledged, repeated ones included.", ("feature",))
RETRACTIONS = Metric(
    "retractions", Kind.COUNTER, "Retractions that were acknowledged, repeated ones too.", ("feature",)
)
RELOADS = Metric("registry_reloads", Kind.COUNTER, "Edits of the registry that came into force, in each worker.")
REFUSALS = Metric("registry_refusals", Kind.COUNTER, "Edits of the registry that were refused, in each worker.")
STALE = Metric("registry_stale_workers", Kind.GAUGE, "Workers that serve another registry than the file now has.")
REDIS_ERRORS = Metric("redis_errors", Kind.COUNTER, "Calls to Redis that failed or were not tried.", ("reason",))
BREAKERS = Metric("redis_breakers_open", Kind.GAUGE, "Connections of workers to a server that is taken for silent.")
DURABILITY = Metric(
    "durability_wait_seconds",
    Kind.HISTOGRAM,
    "Time of writes that VOTE_DURABILITY has confirmed, or that waited for it in vain.",
)
DEATHS = Metric("worker_deaths", Kind.COUNTER, "Workers that ended by themselves, each once another has begun.")

METRICS = {
    one.name: one
    for one in (
        REQUESTS,
        VOTES,
        RETRACTIONS,
        RELOADS,
        REFUSALS,
        STALE,
        REDIS_ERRORS,
        BREAKERS,
        DURABILITY,
        DEATHS,
    )
}
