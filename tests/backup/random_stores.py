"""Stores of any content that the service could have made, and some that only others could."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from support import DOCUMENTED

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.feedback import keys as feedback
from service.history import store as history
from service.history.finding import compact
from service.history.uses import uses_key
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.metrics.uses import CLIENTS
from service.registry.loading import load
from service.registry.model import Registry
from service.webhooks.store import CHANGES, QUEUES

#: What others may have written is any bytes; a line break, an escape, no UTF-8.
BYTES = st.one_of(st.sampled_from([b"", b"\xff\xfe", "é\u2028\n\x1b[31m".encode(), b'"\\#[']), st.binary(max_size=8))
NAMES = st.one_of(
    st.sampled_from(["alice", "two words", "zoé", "a'b\\", "日本", "c{d}e"]), st.text("xyz", min_size=1, max_size=3)
)
FEATURES = st.sampled_from(["crm", "linkedin", "jobs", "hiring", "Legacy-Feature 2:x"])
#: Statuses and roles, those of the platform's own among them.
WORDS = st.sampled_from(["active", "suspended", "admin", "", "deleted for ever"])
DAYS = st.dates(date(1970, 1, 2), date(2099, 12, 31)).map(str)
#: What can be said in a message.
SAID = st.sampled_from(["Bonjour", 'é "\\\n\t- <b>{}', "\U0001f642"])
#: What has become of a request, as it is stored.
OPENED = '{"kind":"opened","thread":"%s","module":"sms","status":"open"}' % ("0" * 16)
#: The compact form of the registry that was recorded last.
FORMS = ["", compact(Registry(())), compact(load(DOCUMENTED))]
#: A change of a module as it is stored.
EVENT = '{"kind":"added","slug":"crm","labels":{"fr":"x","en":"\\u00e9"},"before":null,"after":"a","revision":"%s"}' % (
    "a" * 64
)


Commands = list[tuple[Any, ...]]


@st.composite
def stores(draw: st.DrawFn) -> Commands:
    """What fills a store, command by command."""
    commands: Commands = []
    for feature in draw(st.sets(FEATURES)):
        commands += draw(_votes(feature))
    renames = draw(st.sampled_from([{}, {"a": "crm"}, {"a": "b", "b": "c", "c": "d"}, {"z": "y", "y": "crm"}]))
    commands += [("HSET", RENAMES_KEY, old, new) for old, new in renames.items()]
    details = st.dictionaries(BYTES, BYTES, min_size=1, max_size=3)
    for name, fields in draw(st.dictionaries(NAMES, details, max_size=4)).items():
        fields |= {b"status": draw(WORDS).encode(), b"role": draw(WORDS).encode()}
        commands.append(("HSET", account_key(name), *(part for pair in fields.items() for part in pair)))
        if draw(st.booleans()):
            commands.append(("PEXPIREAT", account_key(name), 4_000_000_000_123))
        commands.append(("HSET", dismissed_key(name), "crm", draw(st.integers(0, 10**13))))
    threads = draw(st.lists(_threads(), max_size=4))
    for number, thread in enumerate(threads, start=1):
        commands += _placed(f"{number:016x}", number, *thread)
    if threads:
        commands.append(("SET", feedback.SEQUENCE_KEY, len(threads)))
        commands += draw(_stream(feedback.EVENTS_KEY, OPENED))
    if draw(st.booleans()):
        commands.append(("HSET", history.REGISTRY_KEY, "revision", "a" * 64, "form", draw(st.sampled_from(FORMS))))
        commands.append(("ZADD", history.REVISIONS_KEY, draw(st.integers(0, 10**14)), "a" * 64))
        commands += (events := draw(_stream(history.EVENTS_KEY, EVENT)))
        ids = [f"{at}-{at}" for at in range(1, len(events))][-events[-1][-1] :]
        commands.append(("RPUSH", history.of_key("crm"), *reversed(ids)))
        for queue in QUEUES if threads else QUEUES[:1]:
            commands.append(("HSET", queue.state_key, "position", "1-1", "count", 1, "reason", draw(BYTES)))
            commands.append(("HSET", queue.given_up_key, "1-1", EVENT if queue is CHANGES else OPENED))
    for name in draw(st.sets(st.sampled_from(["mails", "fax", "a_1"]))):
        uses = draw(st.dictionaries(st.tuples(DAYS, st.sampled_from([*CLIENTS])).map(" ".join), st.integers(0, 10**14)))
        counted = {"since": draw(DAYS), "until": draw(DAYS)} | uses
        commands.append(("HSET", uses_key(name), *(part for pair in counted.items() for part in pair)))
        commands.append(("EXPIREAT", uses_key(name), 4_000_000_000))
    for number, name in enumerate(draw(st.sets(NAMES, max_size=3))):
        commands.append(("HSET", PSEUDONYMS_KEY, name, f"{number:012x}"))
        commands.append(("HSET", PEOPLE_KEY, f"{number:012x}", name))
    for number, text in enumerate(draw(st.lists(BYTES, max_size=4)), start=1):
        people = ("way", "account", "who", "0" * 12, "what", "x", "whom", "0" * 11 + "1")
        fields = (*people, "about", text, "before", "", "after", "")
        commands.append(("XADD", ENTRIES_KEY, f"{number}-1", *fields, "act", f"act{number}"))
        commands.append(("HSET", OUTCOMES_KEY, f"act{number}", draw(st.sampled_from(["", '{"outcome": "done"}']))))
    return commands


@st.composite
def _votes(draw: st.DrawFn, feature: str) -> Commands:
    """Votes, and a trend whose sum is their number."""
    voters = draw(st.sets(NAMES, max_size=5))
    days = draw(st.dictionaries(DAYS, st.integers(-3, 3), min_size=1, max_size=4))
    last = next(iter(days))
    days[last] += len(voters) - sum(days.values())
    commands: Commands = [("HSET", trend_key(feature), *(part for pair in days.items() for part in pair))]
    for voter in voters:
        commands.append(("SADD", interest_key(feature), voter))
        commands += [("HSET", voted_key(feature), voter, draw(DAYS))] if draw(st.booleans()) else []
        commands += [("HSET", reasons_key(feature), voter, "1 Là, l'\U0001f642")] if draw(st.booleans()) else []
    return commands


def _threads() -> st.SearchStrategy[Any]:
    said = st.lists(st.tuples(st.sampled_from(["member", "admin"]), NAMES, SAID), min_size=1, max_size=3)
    return st.tuples(NAMES, st.sampled_from(["sms", "mail"]), st.booleans(), said)


def _placed(name: str, number: int, account: str, slug: str, is_open: bool, said: list[Any]) -> Commands:
    """A request where it belongs."""
    status = "open" if is_open else "declined"
    fields = ("account", account, "module", slug, "status", status, "activity", number, "asked", 1, "version", 1)
    fields += ("name", account, "names", f" {slug}")
    commands: Commands = [
        ("HSET", feedback.thread_key(name), *fields, "created", 1, "updated", 1),
        ("ZADD", feedback.of_key(account), number, name),
        ("ZADD", feedback.queue_key(f"{status}:{slug}"), number + 2**52, name),
        ("SADD", feedback.SLUGS_KEY, slug),
    ]
    if is_open:
        commands.append(("HSET", feedback.open_key(account), f"{slug}{number}", name))
    for at, (author, by, text) in enumerate(said):
        commands.append(("RPUSH", feedback.messages_key(name), f"{at:016x}", author, by, by, 1, text))
        if author == "admin":
            commands.append(("SADD", feedback.answers_key(by), name))
    return commands


@st.composite
def _stream(draw: st.DrawFn, key: str, event: str) -> Commands:
    """Events, of which the first may have been dropped."""
    events = [("XADD", key, f"{at}-{at}", "event", event) for at in range(1, draw(st.integers(1, 4)) + 1)]
    return [*events, ("XTRIM", key, "MAXLEN", "=", draw(st.integers(1, 4)))]
