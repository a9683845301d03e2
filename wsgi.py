"""The WSGI application, for gunicorn, granian or any other server: `wsgi:app`."""

import logging
import sys

from service.logs import keep_to_one_line
from service.problems import ModuleRegistryError
from service.web.app import create_app

keep_to_one_line()

if "gunicorn.workers.sync" in sys.modules:  # loaded by gunicorn for such workers alone
    logging.getLogger(__name__).warning(
        "gunicorn's sync worker waits for one slow client with everything: "
        "use --worker-class gthread, as README says (For operators)"
    )

try:
    app = create_app()
except ModuleRegistryError as error:
    print(*error.lines(), sep="\n", file=sys.stderr)  # noqa: T201  # whoever starts a server reads this, not a traceback
    sys.exit(3)  # gunicorn takes this for a worker that cannot boot; any other code it would start again for ever
