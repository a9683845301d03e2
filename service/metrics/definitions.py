"""What is counted and measured: every number that workers write down, with its labels and its words."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How a number behaves, and what it is when several workers have one of their own."""

    COUNTER = auto()
    """Only grows; that of all workers, those that have ended included, is the sum."""
    HISTOGRAM = auto()
    """How many took up to so many seconds each, and their sum; likewise."""
    GAUGE = auto()
    """How it is at this moment: the sum over the workers that live."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a worker, or one for each value of its labels.

    Labels are routes, names of the registry and words of ours, never a path or id: whoever asks makes up no new ones.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


#: Upper limits of the buckets of every histogram, in seconds; a last one takes the rest.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

#: All of them by their names.
METRICS: dict[str, Metric] = {}


def _metric(name: str, kind: Kind, help: str, *labels: str) -> Metric:
    METRICS[name] = Metric(name, kind, help, labels)
    return METRICS[name]


REQUESTS = _metric(
    "request_duration_seconds", Kind.HISTOGRAM, "Time until an answer begins.", "route", "method", "status"
)
VOTES = _metric("votes", Kind.COUNTER, "Votes that were acknowledged, repeated ones included.", "feature")
RETRACTIONS = _metric("retractions", Kind.COUNTER, "Retractions that were acknowledged, repeated ones too.", "feature")
USES = _metric("name_uses", Kind.COUNTER, "Requests by former slugs, or of deprecated or removed modules.", "name")
RELOADS = _metric("registry_reloads", Kind.COUNTER, "Edits of the registry that came into force, in each worker.")
REFUSALS = _metric("registry_refusals", Kind.COUNTER, "Edits of the registry that were refused, in each worker.")
STALE = _metric("registry_stale_workers", Kind.GAUGE, "Workers that serve another registry than the file now has.")
REDIS_ERRORS = _metric("redis_errors", Kind.COUNTER, "Calls to Redis that failed or were not tried.", "reason")
BREAKERS = _metric("redis_breakers_open", Kind.GAUGE, "Connections of workers to a server that is taken for silent.")
DURABILITY = _metric(
    "durability_wait_seconds",
    Kind.HISTOGRAM,
    "Time of writes that VOTE_DURABILITY has confirmed, or that waited for it in vain.",
)
DEATHS = _metric("worker_deaths", Kind.COUNTER, "Workers that ended by themselves, each once another has begun.")
