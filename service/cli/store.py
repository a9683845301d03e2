"""The store that a command works on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from service.settings import Settings
from service.storage.client import connect
from service.storage.embedded import open_store

#: Time limit of one call to Redis for a command, in seconds: a merge of millions of votes is one call.
_PATIENCE = 60.0


@contextmanager
def opened_store() -> Iterator[redis.Redis]:
    """A client of the store that the settings name, which is started for the occasion where nobody runs it."""
    settings = Settings.from_env(os.environ)
    with open_store(settings) as url:
        with connect(url, settings.redis_timeout) as probe:
            probe.ping()  # a server that is silent shows now, not after the longer limit
        client = connect(url, max(settings.redis_timeout, _PATIENCE))
        try:
            yield client
        finally:
            client.close()
