"""The WSGI application, for gunicorn, granian or any other server: `service.wsgi:app`."""

from __future__ import annotations

import inspect
import logging
import os
import sys
from typing import Any

from service.logs import keep_to_one_line
from service.problems import ModuleRegistryError
from service.settings import warn_of_misspelt
from service.web.announcing import announced
from service.web.app import create_app
from service.web.spans import spanned

_logger = logging.getLogger(__name__)


def warn() -> None:
    """Say, once a server, which settings are misspelt or count elsewhere, and if one slow client can stop a worker."""
    # gunicorn hands its settings to no application; but its objects stand on the stack while it imports one.
    importers: list[Any] = [each.frame.f_locals.get("self") for each in inspect.stack(context=0)]
    if any(getattr(one, "age", 1) != 1 for one in importers):
        return  # the first worker speaks for the others
    warn_of_misspelt(os.environ)
    if "METRICS_PORT" in os.environ:
        _logger.warning(
            "METRICS_PORT has no effect: metrics are those of `module-registry serve`, whose workers share them"
        )
    gunicorn = next((one.cfg for one in importers if type(one).__module__ == "gunicorn.app.wsgiapp"), None)
    if (
        gunicorn is not None
        and gunicorn.worker_class_str.rpartition(".")[2] in ("sync", "SyncWorker", "gthread", "ThreadWorker")
        and gunicorn.threads == 1
    ):
        _logger.warning(
            "a worker of gunicorn with one thread waits for one slow client with everything: "
            "use --worker-class gthread --threads 64, as the documentation for operators says"
        )


keep_to_one_line()
warn()

try:
    app = announced(create_app())
    app.wsgi_app = spanned(app.wsgi_app, app.url_map)  # type: ignore[method-assign, assignment]  # as Flask says
except ModuleRegistryError as error:
    print(*error.lines(), sep="\n", file=sys.stderr)  # noqa: T201  # whoever starts a server reads this, not a traceback
    sys.exit(3)  # gunicorn takes this for a worker that cannot boot; any other code it would start again for ever
