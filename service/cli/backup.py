"""`module-registry backup` and `restore`: all that a store holds, in one file, and back; and `store`, to mend one."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, TemporaryFile
from typing import IO

import click

from service.accounts import actor
from service.audit.model import Action
from service.backup import format as form
from service.backup import reading, restoring
from service.backup.format import Contents
from service.cli.output import ask, progress, say, say_document
from service.cli.shared import ON_STORE, Group, unwind_on_sigterm, yes_option
from service.cli.store import opened_store, operator
from service.problems import BackupFailed, InvalidBackup, StoreNotEmpty, WritesRefused
from service.settings.settings import Settings
from service.storage import files, lock
from service.storage.client import Client
from service.wording import joined


@click.command(epilog=ON_STORE)
@click.argument("target", metavar="FILE")
def backup(target: str) -> None:
    """Write all that the store holds into FILE, which its owner alone may read; - is standard output.

    People may vote meanwhile. FILE is there once it is whole. It has accounts, votes, requests, what changed and what
    admins did; sign-in links, what workers say, DATA_DIR's secret key and the registry's file are not in it.
    """
    unwind_on_sigterm()
    with opened_store() as client, ExitStack() as recorded:
        try:
            recorded.enter_context(actor.intended(client, operator(), Action.BACKUP_MADE))
        except WritesRefused:
            say("the store takes no writes, so this backup is not recorded in it", err=True)
        with _written(target) as out:
            contents = _backed_up(client, out)
            size = out.tell()
    where = "standard output" if target == "-" else target
    say(f"{contents} in {where}, {size:,} bytes", err=target == "-")


def _backed_up(client: Client, out: IO[bytes], tries: int = 5) -> Contents:
    """Write a backup to a file; where features are merged meanwhile, it is begun anew."""
    out.seek(0)
    out.truncate()
    try:
        with progress("backed up", reading.number_of_lines(client)) as bar:
            return form.write(out, reading.lines(client), bar.update)
    except reading.Interrupted:
        if tries == 1:
            raise
    return _backed_up(client, out, tries - 1)


@contextmanager
def _written(target: str) -> Iterator[IO[bytes]]:
    """A file of its owner's alone, which takes its place once it is whole, or goes to standard output then."""
    path = None if target == "-" else Path(target)
    try:
        if path and path.exists() and not path.is_file():
            raise OSError("it is no regular file; `-` is standard output")
        if not (path or sys.stdout):  # noqa: TID251
            raise OSError("it is closed")
        with (
            TemporaryDirectory(prefix=".backup.", dir=path and path.parent) as folder,
            NamedTemporaryFile(dir=folder, delete=False) as out,
        ):
            yield out
            if path:
                out.flush()
                os.fsync(out.fileno())
                Path(out.name).replace(path)
            else:
                out.seek(0)
                while part := out.read(1024 * 1024):
                    say_document(part)
    except (OSError, ValueError) as error:  # ValueError: a NUL in a path
        raise BackupFailed(f"{path or 'standard output'}: cannot be written: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


@click.command(epilog=ON_STORE)
@click.argument("source", metavar="FILE")
@yes_option
def restore(source: str, yes: bool) -> None:
    """Restore what `backup` has written into FILE; - is standard input.

    The whole FILE is checked first. The store has to be empty, but for what a running `serve` writes by itself, and for
    accounts, of which those that are there stay as they are. One in DATA_DIR is made where there is none.
    """
    with _read(source) as file:
        name = "standard input" if source == "-" else source
        contents = form.check(file, name)
        made = f"made at {contents.header.get('at')} by version {contents.header.get('service')}"
        say(f"{contents} in {name}, {made}", err=True)
        with opened_store(create=True) as client:
            _check_is_empty(client)
            if not yes:
                ask(f"Restore it into {client.url.place}?")
                _check_is_empty(client)  # it may have been used since
            with progress("restored", contents.lines) as bar:
                for number in restoring.restore(client, form.lines(file, name)):
                    bar.update(number)
            # Not before: acts are restored in the order of time.
            actor.record(client, operator(), Action.STORE_RESTORED, after=str(contents))
    say(f"restored into {client.url.place}: {contents}")


def _check_is_empty(client: Client) -> None:
    if held := restoring.holdings(client):
        raise StoreNotEmpty(f"{client.url.place} has {joined(held)} already: a restore takes an empty store")


@contextmanager
def _read(file: str) -> Iterator[IO[bytes]]:
    """A file that can be read twice."""
    with ExitStack() as stack:
        try:
            source: IO[bytes] = stack.enter_context(click.open_file(file, "rb"))
            if file == "-" or not source.seekable():  # such as a pipe of the shell's
                given, source = source, stack.enter_context(TemporaryFile())
                shutil.copyfileobj(given, source)
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a standard input that is closed
            raise InvalidBackup(f"{file}: cannot be read: {_reason(error)}") from None
        yield source


store = Group("store", help="Look after the files of the embedded store, in DATA_DIR.")


@store.command()
@yes_option
def repair(yes: bool) -> None:
    """Go on with what is left of a damaged store, after a copy of its files has been made.

    Says what the server's own tools find wrong, and what would be cut off, before it asks. `serve` must be stopped. A
    backup of DATA_DIR, if there is one, loses less.

    The exit code is 0 if the store is whole, now or before, and 1 if not.
    """
    data_dir = Settings.from_env(os.environ).data_dir
    with lock.hold(data_dir, "command"):
        faults = files.look(data_dir)
        if not faults:
            say(f"the store in {data_dir} is whole: there is nothing to repair")
            return
        for fault in faults:
            say(f"seen: {fault}")
            if fault.good is not None:
                say(f"then: {fault.size - fault.good:,} bytes are cut off, and {fault.good:,} are kept")
        if not yes and all(fault.good is not None for fault in faults):
            ask("Go on with what is left?")
        copy = files.repaired(data_dir, faults)
    say(f"repaired; the files as they were are in {copy}")
