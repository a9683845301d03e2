"""What is stored in the end, held against what people were told and what the registry went through."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from itertools import groupby

from chaos.declared import Declared, Family, Merge
from chaos.ledger import Ledger
from chaos.town import SECRET_KEY, Town
from receiving import SECRET
from support import session_cookie, wait_until

from service.history import store as history
from service.history.model import Event, Kind
from service.interest.consistency import differences
from service.interest.keys import interest_key
from service.interest.maintenance import canonical, stored_features
from service.storage.client import Client
from service.webhooks import store as webhooks
from service.webhooks.store import CHANGES

#: How long the last edit may take to be recorded, and events to be delivered, in seconds: a worker that has just
#: started may wait two minutes before it believes its file, and a receiver that failed is asked again after a minute.
SETTLING = 200.0


def of_votes(town: Town, ledger: Ledger, accounts: list[str]) -> tuple[list[str], list[str]]:
    """Once people have ended: what is not as they were told, and what does not agree with itself, a sentence each."""
    with town.client() as client:
        features = _counts(town, accounts[0])
        for family in town.declared.families:
            _look_up(client, ledger, family, accounts)
        wrong = [*differences(client), *_strangers(client, town, accounts), *_miscounted(client, features)]
        return ledger.wrong, wrong


def _look_up(client: Client, ledger: Ledger, family: Family, accounts: list[str]) -> None:
    """Look at the votes of a family: of a module that was renamed and then shipped, some may be under a former id."""
    is_one = family.merge is Merge.DONE
    groups = [[id for ids in family.members for id in ids]] if is_one else family.members
    voters = [
        {voter for id in dict(canonical(client, ids).values()) for voter in client.members(interest_key(id))}
        for ids in groups
    ]
    for account in accounts:
        ledger.look(account, family, tuple(account in each for each in voters), ledger.possible(account, family))


def _strangers(client: Client, town: Town, accounts: list[str]) -> Iterator[str]:
    """Votes that are under an id of their own, or of nobody that there is."""
    ids = [id for family in town.declared.families for ids in family.members for id in ids]
    known = {*dict(canonical(client, ids).values()), *town.voters_of}
    for feature in stored_features(client):
        if feature not in known:
            yield f"votes are left under {feature}"
        if feature not in town.voters_of:
            for voter in set(client.members(interest_key(feature))) - set(accounts):
                yield f"{feature} has a vote of {voter}, whom nobody knows"


def _miscounted(client: Client, features: dict[str, int]) -> Iterator[str]:
    for feature, count in features.items():
        size = client.command("SCARD", interest_key(canonical(client, [feature])[feature][0]))
        if size != count:
            yield f"{feature} is said to have {count} votes, and has {size}"


def _counts(town: Town, account: str) -> dict[str, int]:
    """The counts that a host tells, which moves the votes of what was renamed last."""

    def asked() -> dict[str, int] | None:
        with closing(HTTPConnection(town.hosts[0].address, timeout=20)) as connection:
            connection.request("GET", "/api/features", headers={"Cookie": session_cookie(SECRET_KEY, account)})
            answer = connection.getresponse()
            counts: dict[str, int] = json.loads(answer.read()).get("counts") or {}
            current = {ids for ids in town.declared.buckets if not town.declared.buckets[ids]}
            return counts if counts.keys() == current else None

    return wait_until(asked, SETTLING)


def settled(town: Town, revision: str) -> tuple[Event, ...]:
    """Every event, oldest first, once the last edit is recorded and everything is delivered."""
    with town.client() as client:
        wait_until(lambda: (last := history.last(client, "")) and last.revision == revision, SETTLING)
        wait_until(lambda: webhooks.state(client, CHANGES).waiting == 0, SETTLING)
        return history.read_page(client, None, 10_000).events[::-1]


def of_events(town: Town, before: dict[str, bool], events: tuple[Event, ...]) -> list[str]:
    """What is wrong with the events: `before` is the first registry, of which they have to make the last one."""
    wrong = list(_replayed(before, events, town.declared))
    for event in events:
        if event.kind is Kind.RELEASED and event.slug in town.voters_of and event.votes != town.voters_of[event.slug]:
            wrong.append(f"{event.slug} was released with {event.votes} votes, and had {town.voters_of[event.slug]}")
    told = [webhook.body["data"]["id"] for webhook in town.delivered]
    recorded = [event.id for event in events]
    wrong += [f"the receiver was not told of event {each}" for each in recorded if each not in told]
    wrong += [f"the receiver was told of {each}, which is no event" for each in told if each not in recorded]
    if not wrong and told != recorded:
        wrong.append("the receiver was told of events in another order")
    if [id for id, _ in groupby(town.receiver.ids)] != [webhook.id for webhook in town.delivered]:
        wrong.append("the receiver was told of an event again, after a later one")
    if town.receiver.unsigned:
        wrong.append(f"{town.receiver.unsigned} webhooks were not signed")
    logs = [file.read_text() for host in town.hosts for file in host.folder.glob("*.stderr")]
    wrong += [f"a log has {word!r} in it" for word in (SECRET, "hush") for log in logs if word in log]
    return wrong


def _replayed(before: dict[str, bool], events: tuple[Event, ...], declared: Declared) -> Iterator[str]:
    """Apply each event to a registry; one that is missing or doubled does not fit, or leaves another registry."""
    shipped = dict(before)
    for event in events:
        was = event.slug in shipped
        if event.kind in (Kind.RENAMED, Kind.MERGED):
            fits = str(event.before) in shipped and (event.kind is Kind.MERGED or not was)
            state = shipped.pop(str(event.before), False)
            if event.kind is Kind.RENAMED:
                shipped[event.slug] = state
        elif event.kind is Kind.ADDED:
            fits, shipped[event.slug] = not was, event.after == "active"
        elif event.kind is Kind.RELEASED:
            fits, shipped[event.slug] = was and not shipped[event.slug], True
        else:
            fits = event.kind is Kind.RELABELLED and was
        if not fits:
            yield f"event {event.id} ({event.kind} {event.slug}, before {event.before}) does not follow those before it"
    if shipped != declared.buckets:
        yield f"the events make another registry: {shipped.items() ^ declared.buckets.items()}"
