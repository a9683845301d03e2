"""The WSGI application of a checkout: `wsgi:app`. An installed package has the same as `service.wsgi:app`."""

from service.wsgi import app

__all__ = ["app"]
