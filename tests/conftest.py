"""Real servers for the tests: an embedded Valkey, and the whole service."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis as redis_py
from clusters import Cluster, Sentinels
from hypothesis import HealthCheck, settings
from support import DEADLINE, Serve, Store, connect, empty, launch

from service.storage.form import FORM_KEY, VERSION

#: No time limit on examples, nor on drawing them: a busy machine is no failure. They are other ones each time, so a few
#: do, which may share the store that a fixture has.
ALLOWED = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
settings.register_profile("few", deadline=None, database=None, max_examples=20, suppress_health_check=ALLOWED)
settings.register_profile("many", settings.get_profile("few"), max_examples=100)


#: Linux's folder of files that are in memory alone.
MEMORY = Path("/dev/shm")


def pytest_configure(config: pytest.Config) -> None:
    """`make nightly` tries more examples where a test does not say how many; what is started hears signals."""
    # `nohup make test` ignores the one, a script's `make test &` the other, and what is started would, too.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile(os.environ.get("EXAMPLES_OF_EACH", "few"))


@contextmanager
def folder_in(where: Path = Path("/tmp")) -> Iterator[Path]:
    """An empty folder whose path is short, wherever TMPDIR is: a socket fits."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir=where) as folder:
        yield Path(folder)


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """An empty folder whose path is short."""
    with folder_in() as folder:
        yield folder


@pytest.fixture(scope="session")
def embedded_url() -> Iterator[str]:
    """The URL of an embedded store that runs for the whole session, in memory where there is some, without fsync."""
    with folder_in(MEMORY if MEMORY.is_dir() else Path("/tmp")) as folder, closing(Store(folder / "var")) as store:
        with closing(connect(store.url)) as client:
            client.config_set("appendfsync", "no")
        yield store.url


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of a server of its own, over TCP, that runs for the whole session."""
    with folder_in() as folder, Cluster.alone(folder) as port:
        yield f"redis://127.0.0.1:{port}/1"


@pytest.fixture(scope="session")
def sentinel_url() -> Iterator[str]:
    """The URL of a primary with two replicas and three sentinels, which run for the whole session."""
    with folder_in() as folder, closing(Sentinels(folder)) as made:
        yield made.url


@pytest.fixture(scope="session")
def cluster_url(cluster: Cluster) -> str:
    """The URL of the session's Cluster."""
    return cluster.url


@pytest.fixture
def valkey_url(request: pytest.FixtureRequest) -> str:
    """The URL of the session's embedded store, or of what a test asks for by `parametrize(..., indirect=True)`."""
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'embedded')}_url"))


@pytest.fixture
def own_store(short_dir: Path) -> Iterator[Store]:
    """A store of one test's own."""
    with closing(Store(short_dir / "var")) as own:
        with closing(connect(own.url)) as client:
            empty(client)
        yield own


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Redis Cluster that runs for the whole session."""
    with folder_in() as folder, closing(Cluster(folder)) as made:
        yield made


@pytest.fixture
def redis(valkey_url: str) -> Iterator[redis_py.Redis]:
    """A client of the session's store, which is empty."""
    client = connect(valkey_url, timeout=DEADLINE)  # to empty it waits for the disk
    client.flushall()
    empty(client)
    yield client
    client.set(FORM_KEY, VERSION)  # a test may have emptied it, and others do not
    client.close()


@pytest.fixture
def serve(short_dir: Path) -> Iterator[Callable[..., Serve]]:
    """Start `module-registry serve ARGUMENTS` on a free port, and end what is left of it after the test.

    Called as `serve(*arguments, wait=True, data_dir=..., **settings)`; settings are environment variables.
    With wait=False it is not waited for.
    """
    started: list[Serve] = []

    def start(*arguments: str, wait: bool = True, data_dir: Path | None = None, **settings: str) -> Serve:
        started.append(launch(short_dir, data_dir or short_dir / "var", *arguments, **settings))
        return started[-1].started() if wait else started[-1]

    yield start
    for running in started:
        running.clean_up()
