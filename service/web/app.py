"""The application: settings and a registry in, a Flask app out; and what a process does beside, which serves it."""

import os
import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from flask import Flask, Request, Response, redirect, request
from werkzeug.routing import MapAdapter, RequestRedirect

from service.history.recorder import Recorder, Served
from service.metrics.counting import Memory
from service.registry.loading.reload import ReloadingRegistry
from service.registry.model import Registry
from service.rollout.announcements import Announcement, Announcer
from service.settings.settings import Settings
from service.storage.client import Client
from service.storage.periodic_task import PeriodicTask
from service.usage.store import Keeper
from service.web import admission, problems, protection, session
from service.web.bulkhead import Bulkhead
from service.web.features import features
from service.web.feedback import feedback
from service.web.me import me
from service.web.middleware import completed, prepared
from service.web.pages import table
from service.web.pages.blueprint import pages
from service.web.pages.errors import error_page
from service.web.pages.sign_in import signing_in
from service.web.public import public
from service.web.site import Published, Site
from service.web.state import Snapshot, State, make_page
from service.web.watching import count_names, watching
from service.webhooks.deliverer import Deliverer
from service.webhooks.receiver import Receiver
from service.webhooks.store import QUEUES


class _App(Flask):
    """Flask, whose routes ask for a path and a method, and not for Host or Upgrade, which may say anything.

    No function here is a coroutine, so none is looked at for being one: a request calls four.
    """

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return None
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def _with_last_slash() -> Response | None:
    """Lead a path to that with its last slash, by a path alone: caches keep it, and Host is anyone's to write."""
    if isinstance(request.routing_exception, RequestRedirect):
        return cast(Response, redirect(f"{request.path}/", HTTPStatus.PERMANENT_REDIRECT))
    return None


def create_app(
    settings: Settings | None = None,
    *,
    most_waiting: int | None = None,
    last_good: Path | None = None,
    local_url: str | None = None,
    memory: Memory | None = None,
    shares_sessions: bool = True,
    published: Published | None = None,
) -> Flask:
    """An app that serves the registry of `settings` (by default, those of the environment, which lose their secrets).

    Of its threads, `most_waiting` may wait for a slow Redis at once, so that others are free for documents. Redis need
    not answer yet. `last_good` is where the last good registry is kept for other processes, if it is, and `local_url`
    where this machine reaches the app. `memory` has what the workers count, where /metrics is to tell it here.
    `shares_sessions` says whether the platform may know SECRET_KEY. What is `published` is of one registry, whatever
    becomes of its file.

    Raises InvalidSetting, UnreadableRegistry, or InvalidRegistry with all problems.
    """
    settings = settings or Settings.taken_from(os.environ)
    redis_url = settings.for_server()
    webhooks = settings.for_webhooks()
    headers = protection.always(settings)
    site = Site(settings, headers, local_url, shares_sessions=shares_sessions, published=published)
    snapshot = partial(Snapshot, site=site, pages=table.documents)
    registry = ReloadingRegistry(settings.registry_file, snapshot, Snapshot.complete, last_good)
    client = Client(
        redis_url, settings.redis_timeout, settings.vote_durability, most_waiting=most_waiting, logs_outages=True
    )
    bulkhead, openid = Bulkhead(), None
    if settings.for_openid():
        from service.accounts.openid import OpenId  # its libraries are installed with the extra alone

        openid = OpenId(settings, bulkhead)
    app = _App("service", static_folder=None)
    app.url_map.merge_slashes = False  # a doubled slash inside a path makes it an unknown one, not a redirect
    serving = app.extensions["module_registry"] = State(
        registry,
        client,
        site,
        error_page,
        Receiver(*webhooks) if webhooks else None,
        openid,
        bulkhead,
        settings.audit_length,
        settings.vote_limit,
        settings.feedback_limit,
        memory,
    )
    problems.init_app(app)
    app.before_request(count_names)
    session.init_app(app, settings)
    protection.listed_origins(app, settings.cors_origins)
    admission.init_app(app, settings)
    app.before_request(_with_last_slash)
    for blueprint in (public, features, me, feedback, signing_in, watching, pages):
        app.register_blueprint(blueprint)

    behind = completed(app.wsgi_app, headers)
    whole = prepared(behind, registry, app.url_map, serving.uses)
    app.wsgi_app = whole  # type: ignore[method-assign, assignment]  # as Flask says
    if published is None:
        registry.watch()
    return app


def check_pages(settings: Settings, registry: Registry) -> None:
    """Make every public page of a registry once. Raises PageFailed for the first that cannot be made."""
    site = Site(settings, protection.always(settings))
    for path, make in table.documents(registry, site).items():
        make_page(path, make)


def announced(app: Flask) -> Flask:
    """The app, whose process says in Redis from now on which registry it serves, records what each edit of it changes
    and who uses names that end, and delivers webhooks.
    """
    serving: State = app.extensions["module_registry"]

    def announcement() -> Announcement:
        stale, in_force = serving.registry.reload_error, serving.in_force
        refused = (stale.revision, stale.problems, stale.others) if stale else ()
        return Announcement(socket.gethostname(), os.getpid(), in_force.revision, in_force.since, *refused)

    def served() -> Served:
        in_force = serving.in_force
        return Served(in_force.revision, in_force.registry, in_force.modified)

    def own_client() -> Client:
        """A client of a thread's own: a Redis that is silent keeps no request waiting."""
        return Client(serving.client.url, serving.client.timeout, serving.client.durability)

    tasks: list[PeriodicTask] = [Announcer(announcement, own_client()), Recorder(served, own_client())]
    tasks.append(Keeper(serving.uses, lambda: serving.in_force.registry.ending_names, own_client()))
    if receiver := serving.receiver:
        tasks += [Deliverer(queue, receiver, own_client()) for queue in QUEUES]
    for task in tasks:
        task.start()
    app.extensions["module_registry_tasks"] = tasks  # which live as long as the app
    return app
