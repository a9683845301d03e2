"""Everything here holds on a single server and on a Redis Cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
import redis as redis_py
from clusters import Cluster
from support import AnyClient, connect


@pytest.fixture(params=["server", "cluster"])
def redis(request: pytest.FixtureRequest) -> Iterator[redis_py.Redis]:
    """A client of the session's store of either kind, which is empty."""
    if request.param == "server":
        url = request.getfixturevalue("valkey_url")
    else:
        url = cast(Cluster, request.getfixturevalue("cluster")).url
    client = connect(url, timeout=5.0)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def on_cluster(cluster: Cluster) -> Iterator[AnyClient]:
    """A client of the session's cluster, which is empty."""
    client = connect(cluster.url, timeout=5.0)
    client.flushall()
    yield client
    client.close()
