"""The WSGI application, for gunicorn, granian or any other server: `service.wsgi:app`."""

import logging
import os
import sys

from service.problems import ModuleRegistryError
from service.settings.settings import warn_of_misspelt
from service.web.app import announced, create_app
from service.web.logs import keep_to_one_line
from service.web.middleware import spanned

keep_to_one_line()
warn_of_misspelt(os.environ)
if "METRICS_PORT" in os.environ:
    logging.getLogger(__name__).warning(
        "METRICS_PORT has no effect: metrics are those of `module-registry serve`, whose workers share them"
    )

try:
    app = create_app()
    in_force = app.extensions["module_registry"].in_force
    in_force.complete()
    if in_force.page_error:
        raise in_force.page_error
    announced(app)
    app.wsgi_app = spanned(app.wsgi_app, app.url_map)  # type: ignore[method-assign, assignment]  # as Flask says
except ModuleRegistryError as error:
    # Whoever starts a server reads this, not a traceback.
    print(*error.lines(), sep="\n", file=sys.stderr)  # noqa: T201, TID251
    sys.exit(3)  # gunicorn takes this for a worker that cannot boot; any other code it would start again for ever
