"""How to talk to Redis, be it one server, a primary behind Sentinel, or a Cluster.

redis-py does the talking. What is ours: nothing is sent before the first command, a server that does not answer holds
one thread, what was written can be confirmed before it is acknowledged, and every fault is StorageUnavailable. Knows no
subject.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import redis
from redis.exceptions import NoScriptError
from redis.sentinel import MasterNotFoundError

from service.metrics import counting
from service.metrics.definitions import DURABILITY, REDIS_ERRORS
from service.problems import InvalidSetting, StorageUnavailable, StoreOfAnotherForm, WritesRefused
from service.settings.durability import Durability
from service.settings.redis_url import Kind, RedisUrl
from service.storage import faults, form, opening
from service.storage.breaker import CircuitBreaker
from service.storage.periodic_task import PeriodicTask
from service.storage.script import Script
from service.storage.writes import BARRIER_KEY, check_confirmation, confirmation_commands

T = TypeVar("T")

#: What a command can have.
Part = str | bytes | int

_logger = logging.getLogger(__name__)

#: After how long the same is said again, in seconds.
_AGAIN = 60.0

#: How many keys one step of a scan looks at.
_PAGE = 1000

#: How often sentinels are asked who the primary is, in seconds.
_LOOK_INTERVAL = 1.0

_NOTHING = Script("return 1")


class Client:
    """A client of whatever a URL leads to; nothing is sent until its first command."""

    def __init__(
        self,
        url: RedisUrl,
        timeout: float,
        durability: Durability = Durability.SERVER,
        *,
        tries: int = 2,
        most_waiting: int | None = None,
        logs_outages: bool = False,
        decodes: bool = True,
    ) -> None:
        """`timeout` limits connecting and each answer, in seconds; a server that does not answer is not asked twice.

        Where a connection is lost, a call is made anew until it was made `tries` times. Every script may run twice, but
        what the second run returns is not what the first one did. Of a slow server, at most `most_waiting` threads wait
        at once. Answers are text, or with `decodes` off the bytes that Redis sent. Raises InvalidSetting for a URL that
        redis-py cannot use.
        """
        self.is_cluster = url.kind is Kind.CLUSTER
        self.url = url
        self.durability = durability
        self.timeout = timeout
        self._knows_form_until = 0.0
        self._logs_outages = logs_outages
        self._breaker = CircuitBreaker(url, timeout, most_waiting, logs=logs_outages)
        self._told = ("", 0.0)
        self._making = Lock()
        self._made: Any = None
        self._following = PeriodicTask(self._look, "sentinels", _LOOK_INTERVAL)
        self._open = partial(opening.open_client, url, timeout, tries, decodes)
        opening.parsed(url)

    def command(self, *parts: Part) -> Any:
        """The answer to one command, which goes to the server that has its first key. Raises StorageUnavailable."""
        return self.ask(lambda client: client.execute_command(*parts))

    def commands(self, commands: Sequence[Sequence[Part]], *, in_one_step: bool = False) -> list[Any]:
        """The answers to some commands, in one round trip. Those that write have to be `in_one_step`, of one moment.

        Raises StorageUnavailable.
        """
        return self.ask(lambda client: _piped(client, commands, in_one_step)) if commands else []

    def ask(self, function: Callable[[Any], T], *, writes: bool = False) -> T:
        """What a function makes of redis-py's client, of a store whose form is known; `writes` as in `run`.

        Raises as `command`.
        """
        if time.monotonic() > self._knows_form_until:
            self._look_at_form()
        return self._asked(function, writes=writes)

    def run(self, script: Script, keys: Sequence[str], args: Sequence[Part], *, writes: bool = False) -> Any:
        """Run a script, in one atomic step and one round trip.

        With `writes`, what it writes is acknowledged to a person: a replica refuses it, and it is confirmed first as
        VOTE_DURABILITY asks. A server that does not know the digest (it was restarted) is sent the source. Raises
        StorageUnavailable.
        """
        if writes and not (self.is_cluster or self.url.is_embedded):  # which are none, or redirect to another server
            script = script.on_primary
        confirm = confirmation_commands(self.durability, self.timeout) if writes else []

        def run(client: Any) -> list[Any]:
            began = time.monotonic()
            try:
                answers = self._sent(client, ("EVALSHA", script.digest, len(keys), *keys, *args), keys[0], confirm)
            except NoScriptError:
                answers = self._sent(client, ("EVAL", script.source, len(keys), *keys, *args), keys[0], confirm)
            if confirm:
                counting.observe(DURABILITY, time.monotonic() - began)
                check_confirmation(self.durability, answers[-1])
            return answers

        answers = self.ask(run, writes=writes)
        if not script.returned(answers[0]):
            self._drop_connections()
            raise self.damaged(f"an answer to a script on {keys[-1]} is of another kind than was asked for")
        return answers[0]

    def check_durability(self) -> None:
        """See that the server can confirm writes as VOTE_DURABILITY asks. What is written goes by itself.

        Raises InvalidSetting where it cannot, and StorageUnavailable where nothing was confirmed this time.
        """
        if self.durability.replicas and self.url.is_embedded:
            reason = "the embedded store has no replica; write server, fsync, or unset it"
            raise InvalidSetting("VOTE_DURABILITY", reason)
        try:
            self.run(_NOTHING, [BARRIER_KEY], [], writes=True)
        except StorageUnavailable as error:
            if not faults.says(error.__cause__, faults.CANNOT_CONFIRM):
                raise
            reason = f"the server cannot do {self.durability}: {error.__cause__}"
            takes = "it takes Redis 7.2 or Valkey, and appendonly yes"
            raise InvalidSetting("VOTE_DURABILITY", f"{reason} ({takes})") from None

    def damaged(self, what: str) -> StorageUnavailable:
        """Log what cannot be right, once a minute, and return what to raise, which tells nobody the name of a key."""
        self._tell(f"{self.url.title} holds or says what cannot be right: {what}")
        return StorageUnavailable(f"{self.url.title} holds what cannot be right; its operators find more in the log.")

    def scan(self, pattern: str) -> Iterator[str]:
        """Every key that matches, on every server, each once or more. Raises StorageUnavailable."""
        keys = self.ask(lambda client: client.scan_iter(match=pattern, count=_PAGE))
        while (key := self.ask(lambda _: next(keys, None))) is not None:
            yield key

    def members(self, key: str) -> Iterator[str]:
        """The members of a set, read in small steps, each once or more. Raises StorageUnavailable."""
        cursor: int | None = None
        while cursor != 0:
            cursor, members = self.command("SSCAN", key, cursor or 0, "COUNT", _PAGE)
            yield from members

    def fields(self, key: str) -> Iterator[tuple[str, str]]:
        """The fields of a hash and their values, read in small steps, each once or more. Raises StorageUnavailable."""
        cursor: int | None = None
        while cursor != 0:
            cursor, fields = self.command("HSCAN", key, cursor or 0, "COUNT", _PAGE)
            yield from fields.items()

    def close(self) -> None:
        """Close every connection; a later command opens one again."""
        self._following.end()
        if self._made is not None:
            self._made.close()
            self._made = None

    def _redis(self) -> Any:
        """redis-py's client, made at the first command: that of a Cluster connects then."""
        if self._made is None:
            if not self._making.acquire(timeout=self.timeout):
                raise redis.TimeoutError("another thread is looking for the servers of the Cluster")
            try:
                if self._made is None:
                    self._made = self._open()
                    if self.url.kind is Kind.SENTINEL:
                        self._following.start()
            finally:
                self._making.release()
        return self._made

    def _look(self) -> None:
        """Ask sentinels who the primary is: one that was replaced while it lives closes no connection, what it takes
        then is lost, and what it answers is old."""
        with suppress(*faults.RedisFault, *faults.SENSELESS):  # a call that needs them tells of that
            self._redis().connection_pool.get_master_address()

    def _sent(self, client: Any, command: Sequence[Part], key: str, confirm: Sequence[Sequence[Part]]) -> list[Any]:
        """The answers to a command, and to what confirms it on the same server. Raises redis.RedisError."""
        if not confirm:
            return [client.execute_command(*command)]
        if not self.is_cluster:
            return _piped(client, [command, *confirm])
        server = client.get_node_from_key(key)
        answer = client.execute_command(*command)  # which follows a key that has moved
        if client.get_node_from_key(key) is not server:
            raise redis.ConnectionError("the keys have moved to another server")  # which one wrote, nobody knows
        return [answer, *_piped(client.get_redis_connection(server), confirm)]

    def _drop_connections(self) -> None:
        """Have new connections opened: one that answered what was not asked, or not in time, says that others may.
        Those of sentinels go to the primary of then."""
        made = self._redis()
        for client in (node.redis_connection for node in made.get_nodes()) if self.is_cluster else [made]:
            if client is not None:
                client.connection_pool.disconnect(inuse_connections=False)

    def _look_at_form(self) -> None:
        """See that the store is of the form that this service knows, which an empty one is from now on.

        A server that does not answer this any more decides nothing: on a Cluster, others may have what is asked for.
        Raises StoreOfAnotherForm, and StorageUnavailable where nothing is known of the store yet.
        """
        known = self._knows_form_until
        if known:  # others go on meanwhile with what was known
            self._knows_form_until = time.monotonic() + form.AGAIN
        # One that was emptied since is still of the same form, whoever has written to it meanwhile; in another's place
        # there may be an older one.
        of_a_form = form.OLDER if known else form.OWN
        try:
            if (version := self._asked(_form)) is None:
                if not self._asked(lambda client: _has(client, of_a_form)):
                    if self._asked(lambda client: next(client.scan_iter(match=form.OLD_ACCOUNTS, count=_PAGE), None)):
                        raise form.beside_old_accounts(self.url.title)
                    self._asked(lambda client: client.set(form.FORM_KEY, form.VERSION, nx=True), writes=True)
                version = self._asked(_form)
            form.check(version, self.url.title)
        except StoreOfAnotherForm as error:
            self._knows_form_until = known
            if self._logs_outages:
                self._tell(str(error))
            raise
        except StorageUnavailable:
            if not known:
                raise
        self._knows_form_until = time.monotonic() + form.AGAIN

    def _asked(self, function: Callable[[Any], T], *, writes: bool = False) -> T:
        """What `function` makes of redis-py's client, unless too many wait for an answer already."""
        try:
            with self._breaker:
                answer = function(self._redis())
        except (*faults.RedisFault, StorageUnavailable) as error:
            if isinstance(error, redis.TimeoutError) and not self.is_cluster:  # which has redis-py look anew
                self._drop_connections()
            fault = self._failed(error, writes)
            raise fault from fault.__cause__
        except faults.SENSELESS as error:
            counting.add(REDIS_ERRORS, counting.OTHER)
            raise self.damaged(f"an answer makes no sense ({type(error).__name__})") from error
        self._breaker.worked(wrote=writes)
        return answer

    def _failed(self, error: Exception, writes: bool) -> StorageUnavailable:
        """Count a fault, log it if it is the first, and return what to raise."""
        kind, fault = faults.classified(error, self.url)
        counting.add(REDIS_ERRORS, kind)
        if isinstance(error, redis.ResponseError) and faults.says(error, faults.DAMAGED):
            fault = self.damaged(str(error))
            fault.__cause__ = error
            return fault
        if fault is not error and not isinstance(error, MasterNotFoundError):  # whose text has all of redis-py in it
            fault.__cause__ = error
        if not (isinstance(fault, WritesRefused) and self.url.is_embedded):  # of whose disk its keeper tells
            self._breaker.failed(fault.__cause__ or fault, writes=writes, was_tried=kind != faults.NOT_TRIED)
        return fault

    def _tell(self, what: str) -> None:
        """Log what has to be seen to, once a minute."""
        said, at = self._told
        if what != said or time.monotonic() - at > _AGAIN:
            self._told = (what, time.monotonic())
            _logger.error("%s", what)


def _form(client: Any) -> str | None:
    version = client.get(form.FORM_KEY)
    return None if version is None else _text(version)


def _has(client: Any, keys: re.Pattern[str]) -> bool:
    """Whether there is such a key; all keys are looked at, once in the life of a store."""
    return any(keys.match(_text(key)) for key in client.scan_iter(match=form.SCANNED, count=_PAGE))


def _piped(client: Any, commands: Sequence[Sequence[Part]], in_one_step: bool = False) -> list[Any]:
    """The answers to commands on one connection, in one round trip. Raises the first error among them, as it is."""
    with client.pipeline(transaction=in_one_step) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        try:
            answers: list[Any] = pipeline.execute(raise_on_error=False)  # else, the error says all of the command
        except redis.ResponseError as error:  # as it does where none was done, since one would be refused
            raise type(error)(str(error).rpartition(" caused error: ")[2]) from None
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode("utf-8", "backslashreplace")
