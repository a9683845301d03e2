"""`module-registry serve`: check the registry, start the store, run the workers, stop all of it in order."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from service.accounts.sign_in import announce_address
from service.cli.address import listening_address
from service.cli.comparing import compared_in_background
from service.cli.signals import exit_on, put_off
from service.cli.supervisor import NOHUP, run_workers
from service.problems import InvalidSetting, StorageUnavailable
from service.registry.loading import load
from service.settings import Settings
from service.storage import embedded, lock
from service.storage.client import Client
from service.storage.data_dir import kept_secret_key
from service.web.app import create_app

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM) if NOHUP else (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address or name to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="one per CPU",
    help="Number of worker processes.",
)
@click.option(
    "--registry",
    type=click.Path(path_type=Path),
    help="The registry file to serve.  [default: REGISTRY_FILE, or registry.yaml]",
)
def serve(host: str, port: int, workers: int, registry: Path | None) -> None:
    """Check the registry and serve it over HTTP.

    Without REDIS_URL, a store of its own keeps votes and accounts in DATA_DIR (default: var), together with
    a generated SECRET_KEY. With REDIS_URL nothing is started beside the workers, and SECRET_KEY must be set.

    Ctrl-C or SIGTERM finishes the requests at hand and stops everything. The exit code is 0 then, 1 if the
    registry has problems (one a line on stderr) or the service cannot start, and 2 if the registry cannot be read.
    """
    exit_on(_STOP_SIGNALS, 0)  # until the workers run
    settings = Settings.taken_from(os.environ)
    if registry is not None:
        settings = replace(settings, registry_file=registry)
    load(settings.registry_file)
    with ExitStack() as stack:
        if settings.redis_url is None:
            stack.enter_context(lock.held_by_serve(settings.data_dir))
            address = listening_address(host, port)
            secret_key = settings.secret_key or kept_secret_key(settings.data_dir)
            with put_off(_STOP_SIGNALS):
                redis_url = stack.enter_context(embedded.kept_running(settings.data_dir))
            stack.enter_context(compared_in_background(redis_url))
            settings = replace(settings, redis_url=redis_url, secret_key=secret_key)
            client = Client(redis_url, settings.redis_timeout)
            store = f"store in {settings.data_dir}"
        else:
            if settings.secret_key is None:
                raise InvalidSetting("SECRET_KEY", "is required with REDIS_URL; set it to the platform's key")
            client = Client(settings.redis_url, settings.redis_timeout)  # refuses a URL that cannot be used
            address = listening_address(host, port)
            store = "store at REDIS_URL"
        with closing(client), suppress(StorageUnavailable):  # the registry is served without Redis, too
            announce_address(client, settings.public_url or address.url)
        if settings.session_cookie_secure is None:
            over_https = (settings.public_url or "").startswith("https:")
            settings = replace(settings, session_cookie_secure=over_https or not address.is_loopback)
        count = f"{workers} worker{'s' * (workers > 1)}"
        run_workers(address, workers, partial(create_app, settings), f"Serving on {address.url} ({count}, {store})")
