"""Has a worker that serves an app say in Redis which registry that is."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

from flask import Flask

from service.storage.client import Client
from service.web.state import State
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import QUEUES
from service.workers.announcements import Announcement
from service.workers.announcer import Announcer


def announced(app: Flask) -> Flask:
    """The app, whose process says from now on what it serves."""
    here: State = app.extensions["module_registry"]
    served = here.client
    announcer = Announcer(lambda: _looked_at(here), Client(served.url, served.timeout))
    announcer.start()
    app.extensions["module_registry_announcer"] = announcer  # which lives as long as the app
    app.extensions["module_registry_deliverers"] = deliverers = _deliverers(here)
    for deliverer in deliverers:
        deliverer.start()
    return app


def _deliverers(here: State) -> list[Deliverer]:
    """What delivers webhooks, a queue each; nothing where WEBHOOK_URL is not set."""
    if here.receiver is None:
        return []
    url, timeout, durability = here.client.url, here.client.timeout, here.client.durability
    return [Deliverer(queue, here.receiver, Client(url, timeout, durability)) for queue in QUEUES]


def _looked_at(here: State) -> Announcement:
    stale, in_force = here.registry.reload_error, here.in_force
    announcement = Announcement(socket.gethostname(), os.getpid(), in_force.revision, in_force.since)
    if stale is None:
        return announcement
    return replace(announcement, refused=stale.revision, problems=stale.problems, others=stale.others)
