"""The WSGI application, for gunicorn, granian or any other server: `wsgi:app`."""

import sys

from service.problems import ModuleRegistryError
from service.web.app import create_app

try:
    app = create_app()
except ModuleRegistryError as error:
    print(error, file=sys.stderr)  # noqa: T201  # whoever starts a server reads this, not a traceback
    sys.exit(3)  # gunicorn takes this for a worker that cannot boot; any other code it would start again for ever
