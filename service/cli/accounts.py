"""`module-registry accounts` and `audit`: who may read and vote, and what admins have done."""

import os
from dataclasses import asdict, astuple
from datetime import datetime
from typing import Any

import click

from service.accounts import sign_in, store
from service.accounts.model import Account, Locale, Role, Status
from service.audit import store as acts
from service.audit.model import Action, Entry, checked_since
from service.cli import tables
from service.cli.output import ask, say, say_json
from service.cli.shared import ON_STORE, Group, format_option, utf8, yes_option
from service.cli.store import opened_store, operator
from service.privacy import personal_data
from service.problems import InvalidField, InvalidSetting
from service.settings.settings import Settings
from service.storage.lock import is_served
from service.wording import pluralized

_OF_ACTS = ("when", "who", "by", "what", "whom", "about", "before", "after", "outcome")
_COLUMNS = ("id", "status", "role", "name", "email", "locale")

_ROLES = click.Choice(list(map(str, Role)))

_id_argument = click.argument("account_id", metavar="ID", type=utf8)
_locale_option = click.option("--locale", type=click.Choice(list(map(str, Locale))), help="The person's language.")

accounts = Group("accounts", help="Add, change, list and remove accounts, and sign them in.", epilog=ON_STORE)


@accounts.command()
@click.argument("account_id", metavar="ID")  # which the store checks, as all else that a new account has
@click.option("--status", type=click.Choice(list(map(str, Status))), default=str(Status.ACTIVE))
@click.option("--role", type=_ROLES, default=str(Role.MEMBER))
@click.option("--name", metavar="TEXT", help="The person's name, for lists.")
@click.option("--email", metavar="ADDRESS", help="Where to write to the person.")
@_locale_option
@click.option("--generation-required", is_flag=True, help="Refuse sessions of the platform that carry no generation.")
@click.option("--create", is_flag=True, help="Make a store in DATA_DIR where there is none.")
def add(account_id: str, status: str, generation_required: bool, create: bool, **details: str | None) -> None:
    """Add the account ID. An existing one is not changed."""
    account = Account(account_id, status, **{name: detail or "" for name, detail in details.items()})
    with opened_store(create=create) as client:
        store.add(client, account, by=operator(), generation_required=generation_required)
    say(f"added {account_id} ({status})")


@accounts.command()
@_id_argument
def activate(account_id: str) -> None:
    """Let the account ID read and vote."""
    _set_status(account_id, Status.ACTIVE)


@accounts.command()
@_id_argument
def suspend(account_id: str) -> None:
    """Sign the account ID out, at once and everywhere, until it is activated again. Its votes are kept."""
    _set_status(account_id, Status.SUSPENDED)


def _set_status(account_id: str, status: Status) -> None:
    with opened_store() as client:
        store.set_status(client, account_id, status, by=operator())
    say(f"{account_id} is {status}")


@accounts.command("set")
@_id_argument
@click.option("--name", metavar="TEXT", help="The person's name, for lists; '' for none.")
@click.option("--role", type=_ROLES)
@click.option("--email", metavar="ADDRESS", help="Where to write to the person; '' for nowhere.")
@_locale_option
def set_details(account_id: str, **details: str | None) -> None:
    """Change the name, the role, the e-mail address or the language of the account ID."""
    if not any(detail is not None for detail in details.values()):
        raise click.UsageError("Say what to change: --name, --role, --email or --locale.")
    with opened_store() as client:
        store.set_details(client, account_id, by=operator(), **details)
    say(f"changed {account_id}")


@accounts.command("sign-out")
@_id_argument
def sign_out(account_id: str) -> None:
    """End every session of the account ID, and its unspent sign-in links.

    A session of the platform that carries no generation goes on, unless the account requires one.
    """
    with opened_store() as client:
        store.renew_generation(client, account_id, by=operator())
    say(f"signed {account_id} out of every session begun here")


@accounts.command()
@_id_argument
@yes_option
def remove(account_id: str, yes: bool) -> None:
    """Delete the account ID, end its sessions, withdraw its votes and erase its activation requests.

    Asks first, with the numbers of those that go. From what it has answered as an admin its name goes. What `data`
    prints is all that is erased, and nothing of it is left.
    """
    with opened_store() as client:
        if not yes:
            stored = personal_data.kept(client, account_id)
            kept = _counted(len(stored["votes"]), len(stored["requests"]["asked"]))
            ask(f"Remove {account_id} with {kept} for good?")
        erased = personal_data.erase(client, account_id, by=operator())
    say(f"removed {account_id}, with {_counted(erased['votes'], erased['requests'])}")


def _counted(votes: int, threads: int) -> str:
    """`2 votes`, `2 votes and 1 request`."""
    requests = f" and {pluralized(threads, 'request')}" if threads else ""
    return f"{pluralized(votes, 'vote')}{requests}"


@accounts.command()
@_id_argument
def data(account_id: str) -> None:
    """Print all that is stored about the account ID, as JSON, such as for whoever asks what is known of them.

    `stored_in` says in which keys of Redis, and in which part of those that hold something of others as well.
    """
    with opened_store() as client:
        stored = personal_data.data(client, account_id, by=operator())
    say_json(stored)


@accounts.command("list")
@format_option("table", "json", "csv")
def list_accounts(style: str) -> None:
    """List every account: id, status, role, name, e-mail address and language."""
    with opened_store() as client:
        accounts = list(store.list_accounts(client))
    empty = "no accounts yet: `module-registry accounts add ID` adds one"
    tables.listing(style, _COLUMNS, list(map(astuple, accounts)), accounts, empty)


@accounts.command("sign-in-link")
@_id_argument
def sign_in_link(account_id: str) -> None:
    """Print a link that signs the account ID in, once, within 15 minutes.

    A browser shows a button there; elsewhere, `curl -X POST LINK` signs in. It begins with PUBLIC_URL, or else with the
    address of the running `serve`.
    """
    settings = Settings.from_env(os.environ)
    with opened_store() as client:
        address = settings.public_url
        # What a `serve` that has ended left in the embedded store is not believed.
        if address is None and (settings.redis_url or is_served(settings.data_dir)):
            address = sign_in.announced_address(client)
        if address is None:
            reason = "is not set and no `module-registry serve` runs here; set it, or start one"
            raise InvalidSetting("PUBLIC_URL", reason)
        token = sign_in.make_token(client, account_id, by=operator())
    say(f"{address}/sign-in?token={token}")


def _since(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    try:
        return checked_since(value)
    except InvalidField as error:
        raise click.BadParameter(str(error).removeprefix("since ")) from None


@click.command(epilog=ON_STORE)
@click.option(
    "--since",
    callback=_since,
    metavar="DAYS|YYYY-MM-DD",
    help="Only of the last so many days, of which today is one, or from a day on (UTC).",
)
@click.option("--who", type=utf8, metavar="ID", help="Only by or about this account, pseudonym or user of a machine.")
@click.option("--what", type=click.Choice(list(map(str, Action))), help="Only what was done so.")
@format_option(*tables.STYLES, "json")
def audit(since: datetime | None, who: str | None, what: str | None, style: str) -> None:
    """List what admins have done, by page or by command, newest first.

    The last AUDIT_LENGTH acts are kept. Of whoever was erased a pseudonym is left. An act that is unconfirmed was
    begun, and may have been done: whoever did it was interrupted, or the store did not answer.
    """
    with opened_store() as client:
        entries = list(acts.entries(client, who=who, what=Action(what) if what else None, since=since))
    empty = "nothing like this was done" if since or who or what else "no admin has done anything yet"
    tables.listing(style, _OF_ACTS, list(map(_row, entries)), list(map(_facts, entries)), empty)


def _row(entry: Entry) -> tables.Row:
    whom = entry.whom.text if entry.whom else ""
    ended = f"{entry.outcome}: {entry.why}" if entry.why else str(entry.outcome)
    parts = (entry.who.text, entry.way, entry.what, whom, entry.about, entry.before, entry.after, ended)
    return (entry.at.isoformat(timespec="seconds"), *map(str, parts))


def _facts(entry: Entry) -> dict[str, Any]:
    people = {"who": entry.who._asdict(), "whom": entry.whom and entry.whom._asdict()}
    return asdict(entry) | {"why": entry.why or None} | people
