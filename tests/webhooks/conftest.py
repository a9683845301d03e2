"""A receiver, and queues on their way to it."""

from collections.abc import Iterator

import pytest
from deliveries import Deliveries
from receiving import Receiver
from support import AnyClient


@pytest.fixture
def receiving() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def way(redis: AnyClient) -> Iterator[Deliveries]:
    """Streams of events in an empty store, and a receiver of its own."""
    made = Deliveries(redis)
    yield made
    made.end()
