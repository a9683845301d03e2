"""Has a worker that serves an app say in Redis which registry that is, and record what each edit of it changes."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

from flask import Flask

from service.history.recorder import Recorder, Served
from service.history.workers import Announcement, Announcer
from service.storage.client import Client
from service.storage.periodic_task import PeriodicTask
from service.web.state import State
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import QUEUES


def announced(app: Flask) -> Flask:
    """The app, whose process says and records from now on what it serves."""
    serving: State = app.extensions["module_registry"]

    def own_client() -> Client:
        """A client of a thread's own: a Redis that is silent keeps no request waiting."""
        return Client(serving.client.url, serving.client.timeout, serving.client.durability)

    tasks: list[PeriodicTask] = [
        Announcer(lambda: _announcement(serving), own_client()),
        Recorder(lambda: _served(serving), own_client()),
    ]
    if receiver := serving.receiver:
        tasks += [Deliverer(queue, receiver, own_client()) for queue in QUEUES]
    for task in tasks:
        task.start()
    app.extensions["module_registry_tasks"] = tasks  # which live as long as the app
    return app


def _announcement(serving: State) -> Announcement:
    stale, in_force = serving.registry.reload_error, serving.in_force
    announcement = Announcement(socket.gethostname(), os.getpid(), in_force.revision, in_force.since)
    if stale is None:
        return announcement
    return replace(announcement, refused=stale.revision, problems=stale.problems, others=stale.others)


def _served(serving: State) -> Served:
    in_force = serving.in_force
    return Served(in_force.revision, in_force.registry, in_force.modified)
