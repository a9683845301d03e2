"""The numbers of all workers as Prometheus reads them: in its text format, or as OpenMetrics.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import Metric as Family
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from service.metrics.counting import SUM, Counted, Key
from service.metrics.definitions import BOUNDS, METRICS, REQUESTS, Kind, Metric

#: What every name begins with.
PREFIX = "module_registry_"

_LIMITS = [*map(str, BOUNDS), "+Inf"]
_FAMILIES: dict[Kind, type[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]] = {
    Kind.COUNTER: CounterMetricFamily,
    Kind.GAUGE: GaugeMetricFamily,
    Kind.HISTOGRAM: HistogramMetricFamily,
}


class Exposition(Collector):
    """What workers have counted, and what is read at this moment, as prometheus_client takes it."""

    def __init__(self, counted: Iterable[Counted], read: Iterable[Family]) -> None:
        self._slots, self._read = list(counted), read

    def collect(self) -> Iterator[Family]:
        """A family for each metric, and for what follows from them: how many requests, and which workers live."""
        sums = _sums(self._slots)
        for name, metric in METRICS.items():
            yield _family(metric, sums[name])
        requests = Metric("requests", Kind.COUNTER, "Requests that were answered.", REQUESTS.labels)
        yield _family(requests, {labels: [sum(each[:SUM])] for labels, each in sums[REQUESTS.name].items()})
        alive = [slot for slot in self._slots if slot.is_alive]
        yield gauge("workers", "Workers that live.", {(): len(alive)})
        revisions: dict[Key, float] = {(slot.revision,): 1.0 for slot in alive if slot.revision}
        yield gauge("registry_info", "The registry that workers serve.", revisions, ["revision"])
        yield from self._read

    def encoded(self, accept: str) -> tuple[str, bytes]:
        """Content type and body, in the format that an Accept header prefers."""
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self)


def gauge(name: str, help: str, values: Mapping[Key, float], labels: Sequence[str] = ()) -> Family:
    """How something is at this moment, by the values of its labels."""
    metric = Metric(name, Kind.GAUGE, help, tuple(labels))
    return _family(metric, {labels: [value] for labels, value in values.items()})


def _sums(slots: list[Counted]) -> dict[str, dict[Key, list[float]]]:
    """The numbers of each metric by its labels, over all slots; of gauges, over those whose worker lives."""
    # The rate of what is missing until it happens is missing, too.
    none: dict[Key, list[float]] = {(): [0.0] * (SUM + 1)}
    sums = {name: {} if metric.labels else none.copy() for name, metric in METRICS.items()}
    for slot in slots:
        for (name, *labels), numbers in slot.rows.items():
            if slot.is_alive or METRICS[name].kind is not Kind.GAUGE:
                before = sums[name].get(tuple(labels), [0.0] * len(numbers))
                sums[name][tuple(labels)] = list(map(sum, zip(before, numbers, strict=True)))
    return {name: dict(sorted(rows.items())) for name, rows in sums.items()}


def _family(metric: Metric, rows: Mapping[Key, list[float]]) -> Family:
    family = _FAMILIES[metric.kind](PREFIX + metric.name, metric.help, labels=metric.labels)
    for labels, numbers in rows.items():
        if isinstance(family, HistogramMetricFamily):
            family.add_metric(labels, list(zip(_LIMITS, accumulate(numbers[:SUM]), strict=True)), numbers[SUM])
        else:
            family.add_metric(labels, numbers[0])
    return family
