"""Webhooks of a running service: who delivers, when it ends, and that nothing runs where nobody is to be told."""

from __future__ import annotations

import threading

from receiving import SECRET
from receiving import Receiver as Receiving
from support import DOCUMENTED, AnyClient, wait_until

from service.settings import Settings
from service.web.announcing import announced
from service.web.app import create_app
from service.webhooks import store
from service.webhooks.deliverer import end_all
from service.webhooks.keys import QUEUES

KEY = "k" * 32


def test_an_app_has_threads_that_deliver_where_there_is_a_receiver_alone(
    redis: AnyClient, valkey_url: str, receiving: Receiving
) -> None:
    given = {"REGISTRY_FILE": str(DOCUMENTED), "REDIS_URL": valkey_url, "SECRET_KEY": KEY}
    told = {"WEBHOOK_URL": receiving.url, "WEBHOOK_SECRET": SECRET}
    for settings, number in ((given, 0), (given | told, len(QUEUES))):
        before = set(threading.enumerate())
        app = announced(create_app(Settings.from_env(settings)))
        announcer, recorder, deliverers = app.extensions["module_registry_announcer"]
        threads = [one.name for one in set(threading.enumerate()) - before if one.name.startswith("webhooks")]
        assert len(threads) == len(deliverers) == number
        wait_until(lambda number=number: sum(bool(store.state(redis, queue).holder) for queue in QUEUES) == number)
        end_all()
        assert not any(store.state(redis, queue).holder for queue in QUEUES)
        for one in (announcer, recorder, *(deliverer._rounds for deliverer in deliverers)):
            one.end()
