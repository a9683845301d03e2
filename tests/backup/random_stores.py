"""Stores of any content that the service could have made, and some that only others could, as lines of a backup."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from support import DOCUMENTED

from service.backup.subjects import Line
from service.history.finding import compact
from service.registry.loading.loader import load
from service.registry.model import Registry
from service.usage.counting import CLIENTS

#: What others may have written is any bytes; a line break, an escape, no UTF-8.
TEXTS = st.one_of(
    st.sampled_from([b"", b"\xff\xfe", "é\u2028\n\x1b[31m".encode(), b'"\\#[']), st.binary(max_size=8)
).map(lambda text: text.decode("utf-8", "surrogateescape"))
NAMES = st.one_of(
    st.sampled_from(["alice", "two words", "zoé", "a'b\\", "日本", "c{d}e"]), st.text("xyz", min_size=1, max_size=3)
)
#: Statuses and roles, those of the platform's own among them.
WORDS = st.sampled_from(["active", "suspended", "admin", "", "deleted for ever"])
DAYS = st.dates(date(1970, 1, 2), date(2099, 12, 31)).map(str)
#: Who says what in a message.
MESSAGES = st.tuples(
    st.sampled_from(["member", "admin"]), NAMES, st.sampled_from(["Bonjour", 'é "\\\n\t- <b>{}', "\U0001f642"])
)
#: What has become of a request, as it is stored.
OPENED = '{"kind":"opened","thread":"%s","module":"sms","status":"open"}' % ("0" * 16)
#: The compact form of the registry that was recorded last.
FORMS = ["", compact(Registry(())), compact(load(DOCUMENTED))]
#: A change of a module as it is stored.
EVENT = '{"kind":"added","slug":"crm","labels":{"fr":"x","en":"\\u00e9"},"before":null,"after":"a","revision":"%s"}' % (
    "a" * 64
)
RENAMES = [{}, {"a": "crm"}, {"a": "b", "b": "c", "c": "d"}, {"z": "y", "y": "crm"}]
REQUESTS = st.tuples(NAMES, st.sampled_from(["sms", "mail"]), st.booleans(), st.lists(MESSAGES, min_size=1, max_size=3))


@st.composite
def stores(draw: st.DrawFn) -> list[Line]:
    """What fills a store."""
    lines: list[Line] = [{"renamed": old, "to": new} for old, new in draw(st.sampled_from(RENAMES)).items()]
    for feature in draw(st.sets(st.sampled_from(["crm", "linkedin", "jobs", "hiring", "Legacy-Feature 2:x"]))):
        lines += _votes(draw, feature)
    people = draw(st.dictionaries(NAMES, st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=3), max_size=4))
    lines += [{"dismissed": name, "modules": {"crm": draw(st.integers(0, 10**13))}} for name in people]
    requests = draw(st.lists(REQUESTS, max_size=4))
    lines += _queue(draw, "requests", OPENED) if requests else []
    for number, request in enumerate(requests, start=1):
        lines += _request(number, *request)
    if draw(st.booleans()):
        lines += _queue(draw, "changes", EVENT)
        lines.append({"registry": "a" * 64, "form": draw(st.sampled_from(FORMS))})
        lines.append({"revision": "a" * 64, "at": draw(st.integers(0, 10**14))})
    for name in draw(st.sets(st.sampled_from(["mails", "fax", "a_1"]))):
        uses = draw(st.dictionaries(st.tuples(DAYS, st.sampled_from([*CLIENTS])).map(" ".join), st.integers(0, 10**14)))
        counted = {"since": draw(DAYS), "until": draw(DAYS)} | uses
        lines.append({"uses": name, "counted": counted, "expires": 4_000_000_000_000})
    admins = enumerate(draw(st.sets(NAMES, max_size=3)))
    lines += [{"pseudonym": f"{number:012x}", "of": name} for number, name in admins]
    for number, text in enumerate(draw(st.lists(TEXTS, max_size=4)), start=1):
        fields = {"way": "account", "who": "0" * 12, "what": "x", "whom": "0" * 11 + "1", "about": text}
        fields |= {"before": "", "after": "", "act": f"act{number}"}
        lines.append({"act": f"{number}-1", "fields": fields, "outcome": draw(st.sampled_from(["", '{"why": "x"}']))})
    for name, fields in people.items():
        ends = {"expires": 4_000_000_000_123} if draw(st.booleans()) else {}
        lines.append({"account": name, "fields": fields | {"status": draw(WORDS), "role": draw(WORDS)}} | ends)
    return lines


def _votes(draw: st.DrawFn, feature: str) -> list[Line]:
    """Votes, and a trend whose sum is their number."""
    voters = draw(st.sets(NAMES, max_size=5))
    days = draw(st.dictionaries(DAYS, st.integers(-3, 3), min_size=1, max_size=4))
    days[next(iter(days))] += len(voters) - sum(days.values())
    dated = {voter: draw(DAYS) for voter in voters if draw(st.booleans())}
    said = {voter: [1, "Là, l'\U0001f642"] for voter in voters if draw(st.booleans())}
    lines: list[Line] = [{"trend": feature, "days": days}]
    lines += [{"votes": feature, "of": [*voters]}] if voters else []
    lines += [{"voted": feature, "on": dated}] if dated else []
    return [*lines, *([{"reasons": feature, "by": said}] if said else [])]


def _request(number: int, account: str, slug: str, is_open: bool, said: list[Any]) -> list[Line]:
    """A request behind its messages."""
    id, status = f"{number:016x}", "open" if is_open else "declined"
    fields = {"account": account, "name": account, "module": slug, "names": f" {slug}", "status": status}
    fields |= {"activity": f"{number}", **dict.fromkeys(("asked", "version", "created", "updated"), "1")}
    messages = [
        {"message": f"{at:016x}", "request": id, "author": author, "by": by, "name": by, "at": 1, "text": text}
        for at, (author, by, text) in enumerate(said)
    ]
    return [*messages, {"request": id, "fields": fields, "open": [f"{slug}{number}"] if is_open else []}]


def _queue(draw: st.DrawFn, name: str, says: str) -> list[Line]:
    """Events, of which the first may have been dropped, and how far they are delivered."""
    first, last = sorted((draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    events: list[Line] = [{"event": f"{at}-{at}", "of": name, "says": says} for at in range(first, last + 1)]
    events.append({"events": name, "last": f"{last}-{last}", "added": last, "deleted": f"{first - 1}-{first - 1}"})
    events.append({"delivery": name, "fields": {"position": "1-1", "count": "1", "reason": draw(TEXTS)}})
    return [*events, {"given_up": "1-1", "of": name, "says": says}]
