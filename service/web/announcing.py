"""Has a worker that serves an app say in Redis which registry that is, and record what each edit of it changes."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

from flask import Flask

from service.history.recorder import Recorder, Served
from service.history.workers import Announcement, Announcer
from service.storage.client import Client
from service.web.state import State
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import QUEUES


def announced(app: Flask) -> Flask:
    """The app, whose process says and records from now on what it serves."""
    here: State = app.extensions["module_registry"]
    announcer = Announcer(lambda: _announcement(here), _own_client(here))
    recorder = Recorder(lambda: _served(here), _own_client(here))
    announcer.start()
    recorder.start()
    deliverers = _deliverers(here)
    for deliverer in deliverers:
        deliverer.start()
    app.extensions["module_registry_announcer"] = announcer, recorder, deliverers  # which live as long as the app
    return app


def _own_client(here: State) -> Client:
    """A client of a thread's own: a Redis that is silent keeps no request waiting."""
    return Client(here.client.url, here.client.timeout, here.client.durability)


def _deliverers(here: State) -> list[Deliverer]:
    """What delivers webhooks, a queue each; nothing where WEBHOOK_URL is not set."""
    return [Deliverer(queue, here.receiver, _own_client(here)) for queue in QUEUES] if here.receiver else []


def _announcement(here: State) -> Announcement:
    stale, in_force = here.registry.reload_error, here.in_force
    announcement = Announcement(socket.gethostname(), os.getpid(), in_force.revision, in_force.since)
    if stale is None:
        return announcement
    return replace(announcement, refused=stale.revision, problems=stale.problems, others=stale.others)


def _served(here: State) -> Served:
    in_force = here.in_force
    return Served(in_force.revision, in_force.registry, in_force.modified, in_force.since)
