"""`make demo`: the service as `make serve` starts it, on a store that is thrown away, with made-up people in it.

The same seed makes the same people and wishes, counted back from today (UTC). It serves a copy of the registry, which
has modules that will go and others that are gone. The browser tests and the pictures use both, too.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from demo_registry import TABLE, as_yaml, document, past, utc_today
from support import acting, command

from service.accounts import sign_in, store
from service.accounts.sessions import Caller
from service.accounts.store import Account, Role, Status
from service.audit.model import Actor
from service.feedback import store as feedback
from service.feedback.keys import messages_key, thread_key
from service.feedback.model import Thread
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY, RELEASED_KEY, of_key
from service.interest.keys import VOTES_KEYS, interest_key
from service.interest.reason import Given
from service.privacy import personal_data
from service.problems import ModuleRegistryError
from service.registry.loading.loader import load
from service.registry.model import ModuleState, Registry
from service.settings.settings import Settings, registry_file
from service.storage.client import Client
from service.storage.data_dir import store_url
from service.storage.embedded import open_store
from service.storage.script import Script
from service.usage.counting import CLIENTS
from service.usage.store import add
from service.wording import pluralized

#: How many items a stored message has, and which is its time: see service/feedback/lua/threads.lua.
_ITEMS_OF_A_MESSAGE, _AT = 6, 4
#: Who fills a store.
FILLER = Actor.command_line("demo")

#: Over how many days the votes have come in, today included.
DAYS = 60
#: How many accounts there are beside CAST, and how many requests beside those of MEMBER.
PEOPLE, REQUESTS = 360, 34
#: Which coming-soon feature has won many votes in the last days, by its place before that.
RISING = 7
SEED = 10

#: Whom one signs in as, and what each of them is.
MEMBER = Account("member", Status.ACTIVE, Role.MEMBER, "Camille Lefèvre", "camille.lefevre@example.com")
ADMIN = Account("admin", Status.ACTIVE, Role.ADMIN, "Ana Oliveira", "ana.oliveira@example.com")
PENDING = Account("pending", Status.PENDING, Role.MEMBER, "Jean-Baptiste de La Rochefoucauld-Montbel", locale="fr")
CAST = (MEMBER, ADMIN, PENDING)

_CHANGE = Script.load("interest/votes", "interest/change", returns=int)


class Filled(NamedTuple):
    """How much a store was filled with: votes are those for what was released, too."""

    accounts: int
    votes: int
    requests: int


def fill(client: Client, registry: Registry, *, people: int = PEOPLE, today: date | None = None) -> Filled:
    """Fill an empty store: CAST, `people` more accounts, their votes over DAYS days, requests and changes.

    Without people there is none of this either.
    """
    dice, today = random.Random(SEED), today or utc_today()
    others = list(_people(dice, people))
    for account in (*CAST, *others):
        store.add(client, account, by=FILLER)
    if not people:
        return Filled(len(CAST), 0, 0)
    voters = [account.id for account in others if account.status != Status.PENDING]
    votes = _fill_votes(client, registry, dice, voters, today)
    active = [account.id for account in others if account.status == Status.ACTIVE]
    asking = dice.sample(active, min(REQUESTS, len(active)))
    requests = _fill_requests(client, registry, asking, dice)
    changes = past(registry, today)
    released = {change.slug: day for day, change in changes if change.kind is Kind.RELEASED}
    votes += _fill_shipped(client, released, voters, random.Random(SEED))
    _fill_changes(client, changes, dice)
    _fill_uses(client, registry, changes, today, random.Random(SEED))
    _fill_audit(client)
    return Filled(len(CAST) + people, votes, requests)


def _people(dice: random.Random, number: int) -> Iterator[Account]:
    """Accounts with names and ids of their own: most are active, some pending, a few suspended."""
    names = [f"{first} {last}" for first, last in product(TABLE["first"].split(), TABLE["last"].split())]
    statuses = dice.choices(list(Status), weights=[90, 8, 2], k=number)
    for name, status in zip(dice.sample(names, number), statuses, strict=True):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        account_id = plain.lower().replace(" ", ".")
        locale = ("fr", "en", "")[len(name) % 3]
        yield Account(account_id, status, Role.MEMBER, name, f"{account_id}@example.com", locale)


def _fill_votes(client: Client, registry: Registry, dice: random.Random, voters: list[str], today: date) -> int:
    """Votes for every feature but one, from hundreds down to a handful; returns how many there are in the end."""
    features = dice.sample(registry.allowed_features, len(registry.allowed_features))
    rising, total = [feature for feature in features if feature not in registry.legacy_features][RISING], 0
    for rank, feature in enumerate(features[:-1]):
        wanting = dice.sample(voters, max(2, round(0.8 * len(voters) / (1 + rank * 0.6))))
        # More of them lately, as word gets around.
        days = {voter: min(int(dice.triangular(0, DAYS, DAYS / 6)), DAYS - 1) for voter in wanting}
        if feature == rising:  # as if it had been talked of at a conference
            fresh = [voter for voter in voters if voter not in days][: len(voters) // 6]
            days |= {voter: number % 5 for number, voter in enumerate(fresh)}
        for voter, ago in days.items():
            total += _change(client, feature, voter, today - timedelta(ago))
        earlier = [voter for voter, ago in days.items() if ago > 7]
        for voter in dice.sample(earlier, len(earlier) // 30):
            total -= _change(client, feature, voter, today - timedelta(dice.randrange(7)), wanted=False)
    for feature in features[1:6:2]:  # of CAST the member alone has voted, and for these
        total += _change(client, feature, MEMBER.id, today)
    return total


def _fill_shipped(client: Client, released: dict[str, date], voters: list[str], dice: random.Random) -> int:
    """Votes for the modules that were released, up to then: some had waited for months. Returns how many.

    ADMIN has voted for the last of them, of which the page of all modules tells.
    """
    total = 0
    for slug, day in sorted(released.items()):
        for voter in dice.sample(voters, round(len(voters) * dice.uniform(0.1, 0.3))):
            total += _change(client, slug, voter, day - timedelta(int(dice.triangular(1, 110, 15))))
        if day == max(released.values()):
            total += _change(client, slug, ADMIN.id, day - timedelta(30))
    return total


def _change(client: Client, feature: str, voter: str, day: date, *, wanted: bool = True) -> int:
    """Record a vote, or take it back, as of a day; how many changed. MEMBER says why, and one in twelve others."""
    number, reason = sum(f"{feature}{voter}".encode()), ""
    if wanted and (number % 12 == 0 or voter == MEMBER.id):
        at = min(datetime.combine(day, time(10), UTC), datetime.now(UTC))
        text = TABLE["reasons"][number // 12 % len(TABLE["reasons"])]
        reason = str(Given(round(at.timestamp() * 1000), text))
    change = [int(wanted), feature, "", voter, day.isoformat(), reason]
    return int(client.run(_CHANGE, VOTES_KEYS, change, writes=True))


def _fill_requests(client: Client, registry: Registry, others: Sequence[str], dice: random.Random) -> int:
    """Make requests of MEMBER, one for every on-demand module but the last, and of others; returns how many."""
    modules = registry.buckets[ModuleState.ON_DEMAND.bucket]
    stages = ("answered", "asked", "activated", "replied", "declined")
    #: How long ago each was last touched, whose it is, for which module, and how far it gets.
    wishes = [
        (timedelta(hours=5 + 40 * number), MEMBER.id, module, stages[number % 5])
        for number, module in enumerate(modules[:-1])
    ]
    for number, account in enumerate(others):
        age = timedelta(minutes=dice.randrange(20, 50 * 24 * 60))
        wishes.append((age, account, modules[number % len(modules)], stages[(number + number // 5) % 5]))
    for age, *wish in sorted(wishes, key=itemgetter(0), reverse=True):
        _backdate(client, _talk(client, registry, dice, *wish), age)
    return len(wishes)


def _talk(client: Client, registry: Registry, dice: random.Random, account: str, module: str, stage: str) -> Thread:
    """Have a conversation get so far: asked, answered, replied, or to one of its ends."""
    caller, admin, ending = Caller(account), Caller(ADMIN.id), TABLE["endings"].get(stage)
    thread, _ = feedback.open_thread(client, caller, module, dice.choice(TABLE["questions"]), registry)
    turn = dice.randrange(len(TABLE["answers"]))
    said = [(admin, TABLE["answers"][turn]), (caller, TABLE["replies"][turn]), (admin, ending)]
    for who, text in said[: {"asked": 0, "answered": 1, "replied": 2}.get(stage)]:
        thread = feedback.add_message(client, thread.id, text, registry, by=acting(who))
    if ending:
        thread = feedback.change_status(client, thread.id, stage, [thread.etag], registry, by=acting(admin))
        feedback.mark_read(client, caller, thread.id)
    return thread


def _backdate(client: Client, thread: Thread, age: timedelta) -> None:
    """Have a thread that was made just now have been made then, half a day between its messages."""
    last = round(thread.updated.timestamp() - age.total_seconds())
    said = [last - 12 * 3600 * (thread.message_count - 1 - number) for number in range(thread.message_count)]
    for number, at in enumerate(said):
        client.command("LSET", messages_key(thread.id), number * _ITEMS_OF_A_MESSAGE + _AT, at)
    client.command("HSET", thread_key(thread.id), "created", said[0], "updated", last)


def _fill_changes(client: Client, changes: Iterable[tuple[date, Change]], dice: random.Random) -> None:
    """Record a past, oldest first; of what was released with the votes that it has, which came before."""
    last = 0
    for day, change in changes:
        noon = round(datetime.combine(day, time(12), UTC).timestamp() * 1000)
        at = last = max(last + 1, noon + dice.randrange(-(2 * 3_600_000), 4 * 3_600_000))
        is_release = change.kind is Kind.RELEASED
        votes = int(client.command("SCARD", interest_key(change.slug))) if is_release else None
        said = encoded(change, f"{dice.getrandbits(256):064x}", votes)
        event_id = client.command("XADD", EVENTS_KEY, f"{at}-0", "event", said)
        client.command("LPUSH", of_key(change.slug), event_id)
        if is_release:
            client.command("HSET", RELEASED_KEY, change.slug, at)


def _fill_uses(
    client: Client, registry: Registry, changes: Iterable[tuple[date, Change]], today: date, dice: random.Random
) -> None:
    """Requests by names that clients should give up, from the day on which each became one: fewer and fewer."""
    begins: dict[str, date] = {}
    for day, change in changes:
        name = str(change.before) if change.kind in (Kind.RENAMED, Kind.MERGED) else change.slug
        if name in registry.ending_names and change.kind is not Kind.UNDEPRECATED:
            begins.setdefault(name, day)
    kinds = [dice.sample([*CLIENTS], 3) for _ in begins]
    for day in (today - timedelta(ago) for ago in range(300, -1, -1)):
        counted: list[tuple[str, str, int]] = []
        for number, (name, begin) in enumerate(begins.items()):
            if number % 3 and day >= begin:  # by some nobody asks
                most = 80 // (1 + (day - begin).days // 7)
                counted += [(name, kind, dice.randrange(most + 1)) for kind in kinds[number]]
        add(client, [name for name, begin in begins.items() if begin <= day], counted, day)


def _fill_audit(client: Client) -> None:
    """Have an admin act by page, and somebody by command."""
    by = Actor.account(ADMIN.id)
    store.add(client, Account("gone", Status.ACTIVE), by=Actor.command_line("deploy"))
    store.set_details(client, "gone", by=by, role=Role.ADMIN, name="Somebody")
    personal_data.erase(client, "gone", by=by)
    sign_in.make_token(client, PENDING.id, by=by)
    store.set_details(client, MEMBER.id, by=by, locale="fr")
    for status in (Status.SUSPENDED, Status.ACTIVE):
        store.set_status(client, MEMBER.id, status, by=by)
    personal_data.data(client, MEMBER.id, by=by)


def fill_folder(data_dir: Path, registry: Registry, *, people: int = PEOPLE) -> Filled:
    """Make a store in an empty folder, and fill it."""
    with open_store(Settings(data_dir=data_dir)) as url, closing(Client(url, timeout=10.0)) as client:
        return fill(client, registry, people=people)


def sign_in_link(data_dir: Path, url: str, account_id: str) -> str:
    """A link that signs an account in, once, within 15 minutes, at the `serve` that runs on a folder."""
    with closing(Client(store_url(data_dir), timeout=10.0)) as client:
        return f"{url}/sign-in?token={sign_in.make_token(client, account_id, by=FILLER)}"


def main(arguments: list[str]) -> int:
    """Fill a store, serve it, and say how to sign in, until Ctrl-C. The arguments are those of `serve`."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="mr-demo-", dir="/tmp") as folder:
        data_dir, registry = Path(folder) / "var", Path(folder) / "registry.yaml"
        load(registry_file(os.environ))  # what is wrong with it is said in its own words
        registry.write_text(as_yaml(document(registry_file(os.environ))), encoding="utf-8")
        filled = fill_folder(data_dir, load(registry))
        settings = {"PLATFORM_URL": "https://platform.example", **os.environ}
        settings |= {"DATA_DIR": str(data_dir), "REGISTRY_FILE": str(registry)}
        for name in ("REDIS_URL", "SECRET_KEY"):  # those of the thrown away store are its own
            settings.pop(name, None)
        # In a session of its own, so that Ctrl-C ends it once, and in order.
        line = command("serve", *arguments)
        with subprocess.Popen(line, env=settings, stdout=-1, text=True, start_new_session=True) as process:
            try:
                if process.stdout and (ready := process.stdout.readline()):
                    print(ready, end="")
                    print(*_welcome(data_dir, ready.split()[2], filled), sep="\n", flush=True)
                return process.wait()
            finally:
                process.terminate()


def _welcome(data_dir: Path, url: str, filled: Filled) -> Iterator[str]:
    """What there is, and how to sign in."""
    yield (
        f"It has {pluralized(filled.accounts, 'account')}, {pluralized(filled.votes, 'vote')} and "
        f"{pluralized(filled.requests, 'request')}, all made up; they go when it stops (Ctrl-C)."
    )
    yield f"What it serves, a copy of the registry in which some modules end: {data_dir.with_name('registry.yaml')}"
    yield "Sign in by a link, each of which works once, within 15 minutes:"
    for account in CAST:
        yield f"  as {account.id + ':':<9} {sign_in_link(data_dir, url, account.id)}"
    # This environment is on nobody's PATH as a rule: its program is named as one types it from here.
    program = os.path.relpath(Path(sys.executable).with_name("module-registry"))
    yield f"More links: DATA_DIR={data_dir} {program} accounts sign-in-link admin"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
    except ModuleRegistryError as error:
        sys.exit(str(error))
