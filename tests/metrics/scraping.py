"""Reading what /metrics answers, by the parser of prometheus_client."""

import re
import urllib.request
from contextlib import suppress

from documentation import table
from prometheus_client.parser import text_string_to_metric_families
from support import wait_until

Samples = dict[str, float]


def samples(text: str) -> Samples:
    """Every number by its name and labels, such as `votes_total{feature="linkedin"}`, without our prefix."""
    numbers = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert sample.name.startswith("module_registry_")
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            key = sample.name.removeprefix("module_registry_") + (f"{{{labels}}}" if labels else "")
            assert key not in numbers
            numbers[key] = sample.value
    return numbers


def scrape(url: str) -> Samples:
    with urllib.request.urlopen(f"{url}/metrics", timeout=20) as response:
        return samples(response.read().decode())


def scraped_until(url: str, **expected: float) -> Samples:
    """What is read once these numbers are so."""

    def read() -> Samples | None:
        with suppress(OSError):  # a worker that was killed had the connection
            numbers = scrape(url)
            return numbers if expected.items() <= numbers.items() else None
        return None

    return wait_until(read) or {}


def documented() -> set[str]:
    """The metrics that metrics.md lists."""
    cells = " ".join(table("metrics.md", "| name | labels | is |"))
    return {f"module_registry_{name}" for name in re.findall(r"`([a-z_]+)`", cells)}
