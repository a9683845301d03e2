"""`module-registry feedback`: what people ask of on-demand modules, and what they are answered."""

import sys
from functools import partial

import click

from service.cli import tables
from service.cli.output import say, say_json
from service.cli.shared import ON_STORE, Group, format_option, utf8
from service.cli.store import loaded_registry, opened_store, operator
from service.feedback import queue, store
from service.feedback.model import LONGEST_TEXT, Author, Status, Thread, listed, whole
from service.problems import UnknownModule
from service.storage.entries import MOST_LISTED
from service.wording import did_you_mean, shortened

_COLUMNS = ("id", "status", "unread", "module", "account", "name", "updated", "last message")

#: Longest part of a message that a table shows, in characters.
_SHOWN = 40

_STATUSES = click.Choice(list(map(str, Status)))

_id_argument = click.argument("thread_id", metavar="ID", type=utf8)
feedback = Group("feedback", help="List, show, answer and close activation requests.", epilog=ON_STORE)


@feedback.command("list")
@click.option("--status", type=_STATUSES, help="Only those that read as this.")
@click.option("--module", metavar="SLUG", help="Only those of this module, by its slug or a former one.")
@format_option("table", "json", "csv")
def list_threads(status: str | None, module: str | None, style: str) -> None:
    """List requests: those that wait for an answer first, then by activity."""
    registry = loaded_registry()
    with opened_store() as client:
        look = partial(queue.threads, client, None, registry, status=status, module=module, limit=str(MOST_LISTED))
        page = look()
        threads = [*page.threads]
        while page.next:
            page = look(cursor=page.next)
            threads += page.threads
    if module and not threads and not registry.find(module):
        meant = did_you_mean(module, registry.by_slug) or "no request is for one of that slug, either"
        raise UnknownModule(f"{module} is no module; {meant}")
    tables.listing(style, _COLUMNS, list(map(_row, threads)), list(map(listed, threads)), "no requests")


def _row(thread: Thread) -> tables.Row:
    unread, last = "yes" if thread.unread else "", " ".join(thread.messages[-1].text.split())
    facts = thread.module, thread.account.id, thread.account.name, thread.updated.isoformat()
    return (thread.id, thread.status, unread, *facts, shortened(last, _SHOWN))


@feedback.command()
@_id_argument
@format_option("text", "json")
def show(thread_id: str, style: str) -> None:
    """Show the request ID, with all its messages. That does not mark it as read."""
    registry = loaded_registry()
    with opened_store() as client:
        thread = store.thread(client, None, thread_id, registry)
    if style == "json":
        say_json(whole(thread))
        return
    account = f"{thread.account.id} ({thread.account.name})" if thread.account.name else thread.account.id
    say(f"{thread.id}  {thread.module}  {thread.status}  {account}")
    if thread.note:
        say(thread.note.en)
    for message in thread.messages:
        say()
        author = message.name or ("admin" if message.author == Author.ADMIN else account)
        say(f"{message.at:%Y-%m-%d %H:%M} UTC  {author}:")
        for line in message.text.splitlines():
            say(f"    {line}")


@feedback.command()
@_id_argument
@click.argument("message", metavar="MESSAGE|-")
def answer(thread_id: str, message: str) -> None:
    """Answer the request ID with MESSAGE, or with standard input. A request that is open is answered then."""
    if message == "-":
        message = sys.stdin.buffer.read(10 * LONGEST_TEXT).decode("utf-8", "surrogateescape")
    registry = loaded_registry()
    with opened_store() as client:
        thread = store.add_message(client, thread_id, message, registry, by=operator())
    say(f"answered {thread_id} ({thread.status})")


@feedback.command()
@_id_argument
@click.option("--as", "status", type=_STATUSES, required=True, help="What it is from now on.")
def close(thread_id: str, status: str) -> None:
    """Change the status of the request ID: activated or declined close it, answered and open open it again."""
    registry = loaded_registry()
    with opened_store() as client:
        seen = store.thread(client, None, thread_id, registry)
        thread = store.change_status(client, thread_id, status, [seen.etag], registry, by=operator())
    note = f": {thread.note.en}" if thread.note else ""
    say(f"{thread_id} is {thread.status}{note}")
