"""`module-registry webhooks`: how events reach the receiver, and how to try it."""

import os
from dataclasses import asdict
from typing import Any

import click

from service.accounts.actor import intended
from service.audit.model import Action
from service.cli import tables
from service.cli.output import say, say_json
from service.cli.shared import FAILED, ON_STORE, Group, format_option
from service.cli.store import opened_store, operator
from service.problems import InvalidSetting
from service.settings.settings import Settings
from service.storage.client import Client
from service.webhooks import store
from service.webhooks.receiver import Answer, Receiver, message, send, trial
from service.webhooks.store import QUEUES, Happened, Queue, State
from service.wording import joined, pluralized

_COLUMNS = ("queue", "waiting", "given up", "lost", "position", "delivered by", "last delivery", "last failure")

webhooks = Group("webhooks", help="Say how events reach the receiver at WEBHOOK_URL, and try it.", epilog=ON_STORE)


@webhooks.command()
@format_option("table", "json")
def status(style: str) -> None:
    """Say how far changes and requests are delivered, by whom, and what failed."""
    receiver = _receiver()
    with opened_store() as client:
        states = {queue.name: store.state(client, queue) for queue in QUEUES}
    if style == "json":
        queues = {name: _facts(state) for name, state in states.items()}
        say_json({"receiver": receiver.host if receiver else None, "queues": queues})
        return
    say(f"receiver  {receiver.host if receiver else 'WEBHOOK_URL is not set here'}")
    say()
    tables.table(_COLUMNS, [_cells(name, state) for name, state in states.items()])
    for name, state in states.items():
        if state.failed:
            _say_failure(name, state, state.failed)


def _say_failure(name: str, state: State, failed: Happened) -> None:
    if state.tries:
        again = f"in {state.next_in:.0f} s" if state.next_in else "now"
        say()
        say(f"{name}: {failed.entry} has failed {pluralized(state.tries, 'time')}, and is tried again {again}")
    say(f"{name}: the last failure, of {failed.entry}: {failed.reason}")


def _receiver() -> Receiver | None:
    given = Settings.from_env(os.environ).for_webhooks()
    return Receiver(*given) if given else None


def _required_receiver() -> Receiver:
    receiver = _receiver()
    if receiver is None:
        raise InvalidSetting("WEBHOOK_URL", "is not set: there is nobody to send to; set it, and WEBHOOK_SECRET")
    return receiver


def _facts(state: State) -> dict[str, Any]:
    delivered = state.delivered and {"entry": state.delivered.entry, "at": _when(state.delivered)}
    failed = state.failed and asdict(state.failed) | {"at": _when(state.failed)}
    return asdict(state) | {"delivered": delivered, "failed": failed}


def _when(happened: Happened | None) -> str:
    return happened.at.isoformat(timespec="seconds") if happened else "none"


def _cells(name: str, state: State) -> tables.Row:
    by = " ".join(state.holder.split()[:2]) if state.holder else "nobody"
    counts = state.waiting, state.given_up, state.lost
    return [name, *counts, state.position or "not begun", by, _when(state.delivered), _when(state.failed)]


@webhooks.command()
def retry() -> None:
    """Send those that were given up, oldest first, and have the one that waits tried now.

    One that fails ends it, and is kept with those after it.

    The exit code is 0 if all of them were delivered, or none was given up, and 1 if not.
    """
    receiver = _required_receiver()
    with opened_store() as client, intended(client, operator(), Action.WEBHOOKS_RETRIED) as act:
        for queue in QUEUES:
            store.hurry(client, queue)
        delivered = [queue.name for queue in QUEUES if _is_retried(client, queue, receiver)]
        act.after = joined(delivered)
    if len(delivered) < len(QUEUES):
        raise click.exceptions.Exit(FAILED)


def _is_retried(client: Client, queue: Queue, receiver: Receiver) -> bool:
    """Whether all that was given up of a queue is delivered now; what is is kept no longer."""
    given_up = store.given_up(client, queue)
    if not given_up:
        say(f"{queue.name}: none was given up")
    for entry, event in given_up:
        try:
            answer = send(receiver, message(queue, entry, event, client))
        except ValueError as error:
            answer = Answer(None, f"it cannot be read: {error}")
        say(f"{queue.name}: {entry} {'is' if answer.is_delivered else 'is not'} delivered: {answer.said}")
        if not answer.is_delivered:
            return False
        store.forget(client, queue, entry)
    return True


@webhooks.command()
def test() -> None:
    """Send one signed event of the type `test` now, and say what was answered. Needs no store.

    The exit code is 0 if the receiver took it, and 1 if not.
    """
    receiver, sent = _required_receiver(), trial()
    answer = send(receiver, sent)
    say(f"{receiver.host} {answer.said} ({answer.seconds * 1000:.0f} ms, {sent.id})")
    if not answer.is_delivered:
        raise click.exceptions.Exit(FAILED)
