"""Reading what /metrics answers, by the parser of prometheus_client."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable

from documentation import table
from prometheus_client.parser import text_string_to_metric_families
from support import Serve, wait_until

Samples = dict[str, float]


def samples(text: str) -> Samples:
    """Every number by its name and labels, such as `votes_total{feature="linkedin"}`, without our prefix."""
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            assert one.name.startswith("module_registry_")
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(one.labels.items()))
            key = one.name.removeprefix("module_registry_") + (f"{{{labels}}}" if labels else "")
            assert key not in found
            found[key] = one.value
    return found


def scrape(url: str) -> Samples:
    """What is to be read at an address."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=20) as response:
        return samples(response.read().decode())


def scraped_until(serve: Serve, condition: Callable[[Samples], bool], url: str = "") -> Samples:
    """What is read once it is so."""

    def read() -> Samples | None:
        try:
            found = scrape(url or serve.url)
        except OSError:  # a worker that was killed had the connection
            return None
        return found if condition(found) else None

    return wait_until(read)


def documented() -> set[str]:
    """The metrics that metrics.md lists."""
    cells = " ".join(table("metrics.md", "| name | labels | is |"))
    return {f"module_registry_{name}" for name in re.findall(r"`([a-z_]+)`", cells)}
