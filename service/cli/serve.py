"""`module-registry serve`: check the registry, start the store, run the workers, stop all of it in order."""

import logging
import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.types import WSGIApplication

import click

from service.accounts.sign_in import announce_address
from service.accounts.store import check_where_accounts_are
from service.cli.listening import Address, answer_metrics, listening_address, metrics_socket
from service.cli.output import cause_of
from service.cli.shared import registry_option
from service.cli.supervisor import most_connections, on_stop, refusals_logged, run_workers
from service.interest.consistency import differences
from service.metrics import counting
from service.metrics.counting import Memory
from service.problems import StorageUnavailable, StoreOfAnotherForm
from service.registry.loading.loader import keep, parse, read_file
from service.registry.loading.reload import FileSignature, modified_at
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings, warn_of_misspelt
from service.storage import embedded, lock
from service.storage.client import Client
from service.storage.data_dir import kept_secret_key
from service.web.app import announced, check_pages, create_app
from service.web.bulkhead import THREADS
from service.web.logs import FORMATS, take_over
from service.web.middleware import access_logged, spanned
from service.web.watching import exposed
from service.wording import pluralized, printable

#: How many differences of a store with itself are named; of the others, the number.
_NAMED = 20
#: Time limit of one call while it is compared, in seconds.
_COMPARING_TIMEOUT = 10.0

_logger = logging.getLogger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", help="Address or name to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Port to listen on; 0 picks a free one.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="one per CPU",
    help="Number of worker processes.",
)
@registry_option("The registry file to serve.")
@click.option("--log-format", type=click.Choice(list(FORMATS)), default="text", help="How log lines are written.")
@click.option("--access-log", is_flag=True, help="Log each answer: method, route, status and time; no id, no token.")
def serve(host: str, port: int, workers: int, file: Path | None, log_format: str, access_log: bool) -> None:
    """Check the registry and serve it over HTTP.

    Without REDIS_URL, a store of its own keeps votes and accounts in DATA_DIR (default: var), together with
    a generated SECRET_KEY. With REDIS_URL nothing is started beside the workers, and SECRET_KEY must be set.

    Ctrl-C or SIGTERM finishes the requests at hand and stops everything. The exit code is 0 then, 1 if the
    registry has problems (one a line on stderr) or the service cannot start, and 2 if the registry cannot be read.
    """
    on_stop(_end)  # until the workers run
    take_over(log_format)
    with ExitStack() as stack:
        if log_format != "text":
            stack.enter_context(refusals_logged())
        warn_of_misspelt(os.environ)
        settings = Settings.taken_from(os.environ)
        if file is not None:
            settings = replace(settings, registry_file=file)
        settings.for_webhooks()  # before anything is started
        settings.for_openid()
        connections = most_connections(workers)
        data = read_file(settings.registry_file)
        check_pages(settings, parse(data, str(settings.registry_file)))
        # What is served now is confirmed by the start; a worker that is started anew does not confirm an edit.
        last_good = Path(stack.enter_context(TemporaryDirectory(prefix="module-registry-")), "registry.yaml")
        keep(last_good, data, modified_at(FileSignature.of(settings.registry_file)))
        address = listening_address(host, port)
        stack.callback(address.release)
        store, shares_sessions = "store at REDIS_URL", settings.secret_key is not None
        if settings.redis_url is None:
            store = f"store in {settings.data_dir}"
            settings = _with_embedded_store(settings, stack)
        _see_to_store(settings, settings.public_url or address.url, stack)
        settings = replace(settings, session_cookie_secure=_needs_https(settings, address))
        everywhere = f"listening on {host}, " if address.ip.is_unspecified else ""
        ready = f"Serving on {address.url} ({everywhere}{pluralized(workers, 'worker')}, {store})"
        scraped = metrics_socket(settings.metrics_port, besides=address.port) if settings.metrics_port else None
        memory = Memory(workers)
        is_ours_alone = address.ip.is_loopback and settings.public_url is None
        make_app = partial(
            _application,
            settings,
            memory,
            scraped,
            access_log,
            most_waiting=THREADS - 2,  # two threads are left for what needs no Redis
            last_good=last_good,
            local_url=address.url,
            memory=memory if is_ours_alone and scraped is None else None,
            shares_sessions=shares_sessions,
        )
        run_workers(address, workers, make_app, ready, log_format, connections)


def _end(*_: object) -> None:
    """Unwind what runs, and end with exit code 0."""
    on_stop(signal.SIG_IGN)  # a second signal must not interrupt the unwinding
    sys.exit()


def _with_embedded_store(settings: Settings, stack: ExitStack) -> Settings:
    """The settings that lead to a store of our own, which runs until the stack is left."""
    stack.enter_context(lock.hold(settings.data_dir, "serve"))
    secret_key = settings.secret_key or kept_secret_key(settings.data_dir)
    # A stop waits for the start: Python ignores what is raised around a fork, and locks of the log would stay held.
    came: list[int] = []
    on_stop(lambda number, _: came.append(number))
    redis_url = stack.enter_context(embedded.kept_running(settings.data_dir))
    on_stop(_end)
    if came:
        _end()
    return replace(settings, redis_url=redis_url, secret_key=secret_key)


def _see_to_store(settings: Settings, url: str, stack: ExitStack) -> None:
    """See that the store can do what VOTE_DURABILITY asks, and say there where sign-in links lead.

    A store that cannot be used is said in the log: the registry is served without one. The embedded one is compared
    with itself while it is used. Raises InvalidSetting.
    """
    redis_url = settings.for_server()
    with closing(Client(redis_url, settings.redis_timeout, settings.vote_durability)) as client:
        try:
            client.check_durability()
            announce_address(client, url)
            check_where_accounts_are(client)
        except StoreOfAnotherForm:
            raise
        except StorageUnavailable as error:
            said = "%s%s The registry is served; votes answer 503 until it can be used."
            _logger.warning(said, error, cause_of(error))
    if redis_url.is_embedded:
        stopping = threading.Event()
        stack.callback(stopping.set)
        threading.Thread(target=compare, args=(redis_url, stopping), name="store-compare", daemon=True).start()


def compare(url: RedisUrl, stopping: threading.Event) -> None:
    """Look through the store once, and log what is wrong in it: the first differences, and how many more there are."""
    count = 0
    try:
        with closing(Client(url, _COMPARING_TIMEOUT)) as client:
            for count, sentence in enumerate(differences(client), start=1):
                if count <= _NAMED:
                    _warn("The store does not agree with itself: %s.", printable(sentence))
    except StorageUnavailable as error:
        if not stopping.is_set():
            _warn("The store was not compared with itself: %s", error)
    if count > _NAMED:
        _warn("The store does not agree with itself in %s more places.", count - _NAMED)


def _warn(message: str, detail: object) -> None:
    with lock.NO_FORK:  # a worker that is forked meanwhile would inherit the lock of sys.stderr, held for ever
        _logger.warning(message, detail)


def _needs_https(settings: Settings, address: Address) -> bool:
    """Whether cookies are for HTTPS alone: as a setting says, or unless only this machine can reach the service."""
    if settings.session_cookie_secure is not None:
        return settings.session_cookie_secure
    is_https = (settings.public_url or "").startswith("https:")
    if not is_https and not address.ip.is_loopback:
        _logger.warning(
            "Over plain http:// nobody can sign in: cookies are for HTTPS alone, since it listens on %s. Set "
            "PUBLIC_URL to the https:// address of a proxy in front; or, in a network that you trust, "
            "SESSION_COOKIE_SECURE=false.",
            address.name,
        )
    return is_https or not address.ip.is_loopback


def _application(
    settings: Settings, counted: Memory, scraped: socket.socket | None, access_log: bool, **options: Any
) -> WSGIApplication:
    """What a worker serves, with these options of `create_app`; /metrics at `scraped`, where there is such a port."""
    counting.count_in(counted.claim())  # first of all: what is made from now on counts there
    if counted.own != 0:  # the first of the workers says for the others what all of them do alike
        for handler in logging.getLogger().handlers:
            handler.addFilter(lambda record: not getattr(record, "once", False))
    app = create_app(settings, **options)
    if scraped is not None:
        answer_metrics(scraped, partial(exposed, app.extensions["module_registry"], counted))
    announced(app)
    return spanned(access_logged(app, app.url_map) if access_log else app, app.url_map)
