"""The application: settings and a registry in, a Flask app out."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Request, request
from werkzeug.routing import MapAdapter

from service.bulkhead import Bulkhead
from service.metrics.memory import Memory
from service.openid_settings import Registration
from service.registry.reload import ReloadingRegistry
from service.settings import Settings
from service.storage.client import Client
from service.web import admission, problems, session
from service.web.features import features
from service.web.feedback import feedback
from service.web.health import health
from service.web.me import me
from service.web.metrics import metrics
from service.web.middleware import counted, prepared, protected, traced
from service.web.openid import openid
from service.web.pages import table
from service.web.pages.blueprint import pages
from service.web.pages.site import Site
from service.web.protection import listed_origins, protection
from service.web.public import public
from service.web.signing_in import signing_in
from service.web.state import Snapshot, State
from service.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from service.accounts.openid import OpenId


class _Links(MapAdapter):
    """Routes a request, and makes the addresses that `url_for` returns."""

    def get_host(self, domain_part: str | None) -> str:
        """The host of PUBLIC_URL, or else the one that the request was sent to."""
        return self.server_name or request.host

    def make_redirect_url(self, path_info: str, query_args: object = None, domain_part: str | None = None) -> str:
        """Where a path leads that lacks its last slash, as a path: caches keep it, and Host is anybody's to write."""
        return "/".join((self.script_name.rstrip("/"), path_info.lstrip("/")))


class _App(Flask):
    """Flask, whose links begin with PUBLIC_URL where it is set."""

    def __init__(self, public_url: str | None) -> None:
        super().__init__("service", static_folder=None)
        self._public_url = urlsplit(public_url) if public_url else None

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        # Flask's own looks into Host at each request, which takes 5 % of what the app takes for GET /api/features. No
        # rule asks for it, and few requests make a link: _Links looks when one is made.
        scheme, host, root = request.scheme, "", request.root_path
        if self._public_url is not None:
            scheme, host, root = self._public_url[:3]
        return _Links(self.url_map, host, root, "", scheme, request.path, request.method)


def _openid(registration: Registration | None, bulkhead: Bulkhead) -> OpenId | None:
    """What signs in with the provider, if there is one."""
    if registration is None:
        return None
    from service.accounts.openid import OpenId  # its libraries are installed with the extra alone

    return OpenId(registration, bulkhead)


def create_app(
    settings: Settings | None = None,
    *,
    most_waiting: int | None = None,
    last_good: Path | None = None,
    local_url: str | None = None,
    memory: Memory | None = None,
) -> Flask:
    """An app that serves the registry of `settings` (by default, those of the environment, which lose their secrets).

    Of its threads, `most_waiting` may wait for a slow Redis at once, so that others are free for documents. Redis need
    not answer yet. `last_good` is where the last good registry is kept for other processes, if it is, and `local_url`
    where this machine reaches the app. `memory` has what the workers count, where /metrics is to tell it here. Raises
    InvalidSetting, UnreadableRegistry, or InvalidRegistry with all problems.
    """
    settings = settings or Settings.taken_from(os.environ)
    redis_url = settings.for_server()
    webhooks, registration = settings.for_webhooks(), settings.for_openid()
    headers = protection(settings)
    site = Site(settings, headers, local_url)
    snapshot = partial(
        Snapshot.of, cache_control=settings.cache_control, protection=headers, site=site, pages=table.documents
    )
    registry = ReloadingRegistry(settings.registry_file, snapshot, Snapshot.complete, last_good)
    client = Client(
        redis_url, settings.redis_timeout, settings.vote_durability, most_waiting=most_waiting, logs_outages=True
    )

    bulkhead = Bulkhead()

    app = _App(settings.public_url)
    app.url_map.merge_slashes = False  # a doubled slash inside a path makes it an unknown one, not a redirect
    app.extensions["module_registry"] = State(
        registry,
        client,
        site,
        Receiver(*webhooks) if webhooks else None,
        _openid(registration, bulkhead),
        bulkhead,
        settings.audit_length,
        settings.vote_limit,
        settings.feedback_limit,
        memory,
    )
    problems.init_app(app)
    session.init_app(app, settings)
    listed_origins(app, settings.cors_origins)
    admission.init_app(app, settings)
    for blueprint in (public, features, me, feedback, signing_in, openid, health, metrics, pages):
        app.register_blueprint(blueprint)

    behind = traced(counted(protected(app.wsgi_app, headers)))
    app.wsgi_app = prepared(behind, registry, app.url_map)  # type: ignore[method-assign, assignment]  # as Flask says
    registry.watch()
    return app
