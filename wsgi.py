"""The WSGI application, for gunicorn, granian or any other server: `wsgi:app`."""

from service.problems import ModuleRegistryError
from service.web.app import create_app

try:
    app = create_app()
except ModuleRegistryError as error:
    raise SystemExit(str(error)) from None
