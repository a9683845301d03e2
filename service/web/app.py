"""The application: settings and a registry in, a Flask app out."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Request, request
from werkzeug.routing import MapAdapter

from service.registry.live import Live
from service.settings import Settings
from service.storage.client import Client
from service.web import problems, session
from service.web.cors import listed_origins
from service.web.cross_site import guard
from service.web.features import features
from service.web.health import health
from service.web.prepared import prepared
from service.web.protection import protected, protection
from service.web.public import public, refuse_frozen
from service.web.signing_in import signing_in
from service.web.state import Snapshot, State


class _App(Flask):
    """Flask, without what it finds out at each request though it is known before."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func  # no view is async

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        # No rule asks for the host, which Werkzeug would parse twice: a third of what Flask itself costs.
        return self.url_map.bind("", request.root_path, "", request.scheme, request.method, request.path)


def create_app(settings: Settings | None = None) -> Flask:
    """An app that serves the registry of `settings` (by default, those of the environment, which lose their secrets).

    Redis need not answer yet. Raises InvalidSetting, UnreadableRegistry, or InvalidRegistry with every problem.
    """
    settings = settings or Settings.taken_from(os.environ)
    redis_url, _ = settings.for_server()
    headers = protection(settings)
    snapshot = partial(Snapshot.of, cache_control=settings.cache_control, protection=headers)
    live = Live(settings.registry_file, snapshot)
    client = Client(redis_url, settings.redis_timeout, settings.vote_durability, logs_outages=True)

    app = _App("service", static_folder=None)
    app.url_map.merge_slashes = False  # a doubled slash inside a path makes it an unknown one, not a redirect
    app.extensions["module_registry"] = State(live, client)
    # The store of `serve`, as a rule; over a network, nobody else may be there to say it.
    app.config[problems.SAYS_SO_ITSELF] = redis_url.is_socket
    problems.init_app(app)
    session.init_app(app, settings)
    listed_origins(app, settings.cors_origins)
    for blueprint in (public, features, signing_in, health):
        app.register_blueprint(blueprint)

    @app.before_request
    def admit() -> None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # documented for proxies
        refuse_frozen(asked.path, live.current.registry)  # first: the alpha freeze answers any request at all
        guard(asked, settings)

    app.wsgi_app = prepared(protected(app.wsgi_app, headers), live)  # type: ignore[method-assign, assignment]  # as Flask says
    live.watch()
    return app
