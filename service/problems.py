"""The error tree: everything this service refuses, and how it says so.

Subjects raise these; `service.web.problems` maps them to HTTP in one table, and `service.cli` to exit
codes. Messages are written for the person who made the mistake, and stand alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from service.wording import closest, either, pluralized, printable, quoted, shortened


class Edit(NamedTuple):
    """Characters `start` to `end` of a text, counted from 0 and without a byte order mark, become `new`."""

    start: int
    end: int
    new: str


@dataclass(slots=True)
class Diagnostic:
    """A rule that a registry file breaks, at the place where it can be mended: an offset of its text, in characters.

    `rule` is the stable id of the rule, `message` names the field and the value so that it can be read without the
    file, and `hint` says how to mend it (and may be empty). `path` leads to the value from the root of the document.
    `edits` mend it where one way to do so is certain: they do not overlap, and are in the order of the text. `line` and
    `column` count from 1, as editors do; `end_line` and `end_column` are behind the value, and 0 where the file was not
    read.
    """

    rule: str
    place: int
    message: str = ""
    hint: str = ""
    edits: tuple[Edit, ...] = ()
    path: tuple[str | int, ...] = ()
    file: str = ""
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"

    @property
    def text(self) -> str:
        """The message and its hint, as one sentence."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    @property
    def end(self) -> tuple[int, int]:
        """The line and column behind the value, or the place itself where that is all that is known."""
        return (self.end_line, self.end_column) if self.end_line else (self.line, self.column)

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of the value, or of the nearest around it to which one of sane length leads."""
        whole = ""
        for segment in map(str, self.path):
            if len(whole) + len(segment) > _LONGEST_POINTER:
                break
            whole += "/" + segment.replace("~", "~0").replace("/", "~1")
        return whole


#: No value of a registry is that deep in, in characters: a pointer ends before, rather than carry absurd names along.
_LONGEST_POINTER = 300


class ModuleRegistryError(Exception):
    """The root of the tree: an expected refusal, with a message fit for a user, and lines that tell more."""

    def __init__(self, message: str, *details: str) -> None:
        self.message, self.details = message, details
        super().__init__(message, *details)

    def __str__(self) -> str:
        return "\n".join((self.message, *self.details))

    def lines(self) -> Iterator[str]:
        """What to print or log, a line each, with nothing in them that a terminal or a log would act on."""
        yield from map(printable, (self.message, *self.details))


class _OfFile(ModuleRegistryError):
    """Something is wrong with a file as a whole; the message begins with its path."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file}: {reason}")


class UnreadableRegistry(_OfFile):
    """The registry file cannot be read at all: missing, a folder, too large, or not permitted."""


class InvalidRegistry(ModuleRegistryError):
    """The registry file was read and has problems: the first of them in `problems`, and how many `others` there are."""

    def __init__(self, problems: Iterable[Diagnostic], others: int = 0) -> None:
        self.problems = tuple(problems)
        self.others = others
        rest = [f"and {pluralized(others, 'other problem')}"] if others else []
        super().__init__(*map(str, self.problems), *rest)


class InvalidSetting(ModuleRegistryError):
    """An environment variable or option whose value makes no sense; the message begins with its name."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")


class StorageUnavailable(ModuleRegistryError):
    """Redis did not answer, or not within the time limit. Trying again later is the remedy."""


class WritesRefused(StorageUnavailable):
    """Redis answers, and takes no writes, since its disk is full or it lacks replicas."""


class WriteUnconfirmed(StorageUnavailable):
    """Redis has written, and what VOTE_DURABILITY asks to confirm it has not done so in time."""


class StoreOfAnotherForm(StorageUnavailable):
    """The store was written by a version of this service that keeps things in another form."""


class StoreDamaged(ModuleRegistryError):
    """The embedded store's files have lost something; the message says what, and how to go on with what is left."""


class NoStore(ModuleRegistryError):
    """DATA_DIR has no store, and none is to be made."""


class DataDirInUse(ModuleRegistryError):
    """Another process holds DATA_DIR."""


class AddressInUse(ModuleRegistryError):
    """The host and port to listen on cannot be had."""


class WorkersFailed(ModuleRegistryError):
    """None of the worker processes gets so far as to serve."""


class PageFailed(ModuleRegistryError):
    """A public page cannot be made of the registry: by a defect, or a value that no template expects."""

    def __init__(self, page: str, reason: str) -> None:
        self.page = page
        super().__init__(f"The page {page} cannot be made: {reason}.")


class NotAuthenticated(ModuleRegistryError):
    """Nobody is signed in: no session, no such account, or a suspended one."""


class AccountNotActive(ModuleRegistryError):
    """Signed in, but the account may not vote or write (yet)."""


class NotAnAdmin(ModuleRegistryError):
    """Signed in, but this is for admins."""


class OwnAccount(ModuleRegistryError):
    """An admin would lock themself out of their own account."""


class _Unknown(ModuleRegistryError):
    """A name that nothing has; where something is close that was probably meant, `suggestions` has it by the name."""

    _SAYS = ""

    def __init__(self, message: str, suggestions: Mapping[str, str | None] | None = None) -> None:
        self.suggestions = suggestions
        super().__init__(message)

    @classmethod
    def of(cls, name: str, known: Collection[str] = ()) -> Self:
        """The error for what somebody has asked for, of which as much is said as may be shown."""
        meant, said = closest(name, known) if len(known) <= _MOST_COMPARED else "", shortened(name)
        message = cls._SAYS.format(repr(said))
        return cls(f"{message}: did you mean {meant}?", {said: meant}) if meant else cls(f"{message}.")


#: Among how many names the one that was probably meant is sought: each takes 5 us or so.
_MOST_COMPARED = 2_000


class UnknownFeature(_Unknown):
    """No feature has this id, or it cannot be voted for."""

    _SAYS = "{} is not a feature that can be voted for"


class UnknownModule(_Unknown):
    """No module has this slug."""

    _SAYS = "No module has the slug {}"


class UnknownModules(ModuleRegistryError):
    """Names in a list that are no module's: each with the slug that it may stand for, or None."""

    def __init__(self, suggestions: Mapping[str, str | None]) -> None:
        self.suggestions = suggestions
        named = [f"{quoted(name)}{f' (did you mean {slug}?)' if slug else ''}" for name, slug in suggestions.items()]
        super().__init__(f"No module has the slug {either(named)}.")


class NotOnDemand(ModuleRegistryError):
    """The activation of a module was asked for that is not on demand."""


class UnknownThread(ModuleRegistryError):
    """No activation request has this id, or it is somebody else's."""


class ThreadFull(ModuleRegistryError):
    """An activation request that has as many messages as one can have."""


class ThreadChanged(ModuleRegistryError):
    """An activation request is not any more what whoever changes it has seen."""


class AlreadyOpen(ModuleRegistryError):
    """An activation request cannot be opened again, since its account has another open one for the module."""


class NoVote(ModuleRegistryError):
    """Why a feature is wanted can be said by whoever has voted for it."""


class ConditionMissing(ModuleRegistryError):
    """A change that has to say what it is based on."""


class RateLimited(ModuleRegistryError):
    """An account does something too often: a full quota is `quota` times in `window` seconds.

    `policy` says what, as a plural, and `retry_after` in how many seconds it may do so again.
    """

    def __init__(self, policy: str, quota: int, window: int, retry_after: int) -> None:
        self.policy, self.quota, self.window, self.retry_after = policy, quota, window, retry_after
        super().__init__(f"There were too many {policy} by this account: try again in {retry_after:,} s.")


class InvalidField(ModuleRegistryError):
    """A field of a body or query whose value makes no sense; the message begins with its name."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(f"{field} {reason}.")


class ModuleFrozen(ModuleRegistryError):
    """The endpoint of a module that is frozen during the alpha."""


class CrossSiteRequest(ModuleRegistryError):
    """A browser says that another site made this request."""


class MalformedHeader(ModuleRegistryError):
    """A request header that makes no sense; the message names it."""


class SignInRefused(ModuleRegistryError):
    """A sign-in link that is spent, expired, forged, or whose account may not sign in."""


class SignInDenied(ModuleRegistryError):
    """Whoever was asked by the provider has not let this service know who they are."""


class SignInOver(ModuleRegistryError):
    """An answer of the provider that belongs to no sign-in of this browser: used, too old, or of another one."""


class AccountSuspended(ModuleRegistryError):
    """The provider knows the person, whose account here is suspended."""


class ProviderUnavailable(ModuleRegistryError):
    """The provider of identities does not answer, or not in time. Trying again later is the remedy."""


class ProviderBusy(ProviderUnavailable):
    """As many ask the provider of identities as may at once."""


class ProviderRefused(ModuleRegistryError):
    """What the provider of identities answers is refused, or it refuses this service: the operator's to mend."""


class InvalidAccount(ModuleRegistryError):
    """An account id, status or role that cannot be stored."""


class InvalidVotes(ModuleRegistryError):
    """A file of votes that cannot be imported; the message names the line."""


class InvalidBackup(ModuleRegistryError):
    """A file that cannot be restored: it is no backup, cut, changed, or of a later version."""


class StoreNotEmpty(ModuleRegistryError):
    """A backup is to be restored into a store that holds something already."""


class BackupFailed(ModuleRegistryError):
    """A backup could not be written; the message says where, and why."""


class InvalidMerge(ModuleRegistryError):
    """A merge of votes that would contradict the registry, or merge a feature into itself."""


class AccountExists(ModuleRegistryError):
    """An account with this id is already there."""


class UnknownAccount(ModuleRegistryError):
    """No account has this id."""


class EditRefused(ModuleRegistryError):
    """An edit of the registry file that is not made, since the file would be wrong then; with the reason."""


class UnwritableFile(_OfFile):
    """A file that cannot be written, or must not be, since somebody else has."""
