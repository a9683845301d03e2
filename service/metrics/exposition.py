"""The numbers of all workers as Prometheus reads them: in its text format, or as OpenMetrics.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from service.metrics.definitions import BOUNDS, METRICS, REQUESTS, Key, Kind, Metric, Read
from service.metrics.memory import SUM, Counted

#: What every name begins with.
PREFIX = "module_registry_"

_LIMITS = [*map(str, BOUNDS), "+Inf"]


def exposition(counted: Iterable[Counted], read: Iterable[Read], accept: str) -> tuple[str, bytes]:
    """Content type and body, in the format that an Accept header prefers."""
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families([*_counted(list(counted)), *map(_gauge, read)]))
    return content_type, encode(registry)


class _Families(Collector):
    """What has been put together already, as prometheus_client takes it."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families


def _counted(slots: list[Counted]) -> Iterator[Family]:
    """What workers have counted: the sum over all of them, of gauges over those that live."""
    sums: dict[str, dict[Key, list[float]]] = {name: {} for name in METRICS}
    for slot in slots:
        for (name, *labels), numbers in slot.rows.items():
            metric = METRICS.get(name)
            if metric and (slot.is_alive or metric.kind is not Kind.GAUGE):
                before = sums[name].get(tuple(labels), [0.0] * len(numbers))
                sums[name][tuple(labels)] = [one + other for one, other in zip(before, numbers, strict=True)]
    for name, rows in sums.items():
        metric = METRICS[name]
        if not metric.labels:
            rows.setdefault((), [0.0] * (SUM + 1))  # a rate of what is missing until it happens is missing, too
        yield from _family(metric, dict(sorted(rows.items())))
    alive = [slot for slot in slots if slot.is_alive]
    yield _gauge(Read("workers", "Workers that live.", values={(): len(alive)}))
    revisions: dict[Key, float] = {(slot.revision,): 1.0 for slot in alive if slot.revision}
    yield _gauge(Read("registry_info", "The registry that workers serve.", ("revision",), revisions))


def _family(metric: Metric, rows: Mapping[Key, list[float]]) -> Iterator[Family]:
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(PREFIX + metric.name, metric.help, labels=metric.labels)
        for labels, numbers in rows.items():
            total, buckets = 0.0, []
            for limit, number in zip(_LIMITS, numbers, strict=False):
                total += number
                buckets.append((limit, total))
            histogram.add_metric(labels, buckets, numbers[SUM])
        yield histogram
    elif metric.kind is Kind.COUNTER:
        yield _counter(metric, {labels: numbers[0] for labels, numbers in rows.items()})
    else:
        yield _gauge(Read(metric.name, metric.help, metric.labels, {labels: one[0] for labels, one in rows.items()}))
    if metric is REQUESTS:
        requests = Metric("requests", Kind.COUNTER, "Requests that were answered.", metric.labels)
        yield _counter(requests, {labels: sum(numbers[:SUM]) for labels, numbers in rows.items()})


def _counter(metric: Metric, values: Mapping[Key, float]) -> Family:
    family = CounterMetricFamily(PREFIX + metric.name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _gauge(read: Read) -> Family:
    family = GaugeMetricFamily(PREFIX + read.name, read.help, labels=read.labels)
    for labels, value in read.values.items():
        family.add_metric(labels, value)
    return family
