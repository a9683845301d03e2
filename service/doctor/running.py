"""Whether votes can be recorded, and what the workers on the store serve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.accounts.store import check_where_accounts_are
from service.doctor.model import About, Finding
from service.interest import readiness
from service.interest.consistency import differences
from service.problems import (
    InvalidRegistry,
    InvalidSetting,
    StorageUnavailable,
    StoreOfAnotherForm,
    UnreadableRegistry,
    WritesRefused,
    others_counted,
)
from service.registry.loading import parse, read_file
from service.registry.reload import revision_of
from service.settings import Settings
from service.storage.client import Client
from service.storage.token_bucket import TokenBucket
from service.wording import joined, pluralized
from service.workers.announcements import Announcement, announcements

#: How much of what is wrong is listed.
_LISTED = 3


def votes(client: Client, limit: TokenBucket) -> Iterator[Finding]:
    """Whether a vote could be recorded, and confirmed as VOTE_DURABILITY asks, which is tried."""
    about = About("votes", "VOTE_DURABILITY")
    try:
        check_where_accounts_are(client)
        client.check_durability()
    except InvalidSetting as error:
        seen = str(error).removeprefix("VOTE_DURABILITY: ")
        yield about.problem(seen, "`serve` does not start.", "as it says")
        return
    except StoreOfAnotherForm as error:
        yield about.problem(str(error), "`serve` does not start.", "as it says")
        return
    except StorageUnavailable as error:
        yield about.problem(
            f"a write is not confirmed as {client.durability} asks: {error.__cause__ or error}",
            "Votes are answered 503.",
            "look at the other findings on the store, and at its log",
        )
        return
    if refusal := readiness.refusal(client, limit):
        means, mends = "Votes are answered 503.", "look at the other findings on the store, and at its log"
        # What the server of the embedded store says of it, NOREPLICAS, is how its writes are stopped, not why.
        is_stopped = client.url.is_embedded and isinstance(refusal, WritesRefused)
        yield about.problem(str(refusal if is_stopped else refusal.__cause__ or refusal), means, mends)
    else:
        yield about.well(f"votes can be recorded, and are confirmed as {client.durability} asks")


def registry(settings: Settings) -> Iterator[Finding]:
    """Whether a worker could start with the registry file as it is."""
    path = settings.registry_file
    about = About("registry", f"REGISTRY_FILE {path}")
    means = "What is served is the last good one, until a `serve` has to start: it does not."
    try:
        found = parse(read_file(path), str(path))
    except InvalidRegistry as error:
        others = len(error.problems) - 1 + error.others
        besides = f", and {others_counted(others)}" if others else ""
        yield about.problem(f"{error.problems[0]}{besides}", means, "`module-registry check` lists what is wrong")
    except UnreadableRegistry as error:
        yield about.problem(str(error), means, "put it back")
    else:
        yield about.well(f"valid, {pluralized(len(found.modules), 'module')}")


def revision(settings: Settings) -> str | None:
    """The revision of the registry file; None where it cannot be read."""
    try:
        return revision_of(read_file(settings.registry_file))
    except (InvalidRegistry, UnreadableRegistry):
        return None


def announced(client: Client) -> list[Announcement] | None:
    """What the workers say; None where the store cannot be asked."""
    try:
        return announcements(client)
    except StorageUnavailable:
        return None


def workers(found: Sequence[Announcement] | None, wanted: str | None) -> Iterator[Finding]:
    """Whether workers live, and all of them serve the registry file, whose revision is `wanted`."""
    about = About("workers", "the workers on the store")
    if found is None:
        yield about.unseen("the store cannot be asked", "They may serve an older registry.", "mend the store first")
        return
    behind = [each for each in found if each.revision != wanted]
    if not found:
        yield about.warning(
            "none lives",
            "Nobody can vote here, or the workers are on another store, or cannot write to this one.",
            "start `module-registry serve` with the same REDIS_URL or DATA_DIR",
        )
    elif behind:
        who = joined([f"{each.host}, process {each.pid}, {_why(each)}" for each in behind], _LISTED)
        yield about.warning(
            f"{len(behind)} of {pluralized(len(found), 'worker')} serve another registry than the file here: {who}",
            "An edit is not in force: what is new cannot be voted for.",
            "`module-registry status` says who serves what, and `module-registry check` what is wrong with the file",
        )
    else:
        hosts = len({each.host for each in found})
        yield about.well(f"{pluralized(len(found), 'worker')} on {pluralized(hosts, 'host')}")


def _why(each: Announcement) -> str:
    return "which has refused a later one" if each.refused is not None else "which has seen no other"


def data(client: Client) -> Iterator[Finding]:
    """Whether what is stored agrees with itself. Reads all of it, in small steps."""
    about = About("data", "what is stored")
    found = []
    number = 0
    try:
        for number, sentence in enumerate(differences(client), start=1):
            found += [sentence] if number <= _LISTED else []
    except StorageUnavailable as error:
        yield about.unseen(str(error.__cause__ or error), "It may be damaged.", "try again")
        return
    if number:
        others = f"; and {others_counted(number - _LISTED)}" if number > _LISTED else ""
        yield about.problem(
            f"{'; '.join(found)}{others}",
            "A file was damaged, or another program has written: votes may be lost or made up.",
            "restore a backup, or mend the keys that are named; the log of `serve` names 20 at its start",
        )
    else:
        yield about.well("it agrees with itself")
