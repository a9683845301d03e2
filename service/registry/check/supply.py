"""The rules on needs and produces: what a module needs must come from somewhere, and waiting must end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from service.problems import Edit
from service.registry.artifacts import by_artifact, knots
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.guesses import is_nothing
from service.registry.check.known import known
from service.registry.text.nodes import Finding, Words
from service.registry.text.rewriting import item_removed, respelled, rewritten
from service.wording import closest, joined, quoted

#: Modules of a knot, and artifacts of each, that its message tells in full.
_MOST_WAITS = 10
#: How alike a name is to itself where it is misspelled, as difflib counts.
_MISSPELT = 0.7

#: What an entry needs: each artifact, with its number in the list; None of text on its own. A file can have 300,000.
Needs = dict[str, int | None]


def supply(document: CheckedDocument) -> Iterator[Finding]:
    """Artifacts that nobody produces, modules that feed on themselves, and modules that wait for each other."""
    produced = {entry: entry.produced() for entry in document.entries}
    if document.unreadable or any(uncertain for _, uncertain in produced.values()):
        return  # what a module produces cannot be known, so nothing can be said to be missing
    produces = {entry: produced[entry][0] for entry in document.entries if _runs(entry)}
    producing = by_artifact(produces)
    needs: dict[Entry, Needs] = {
        entry: {node.value: number for number, node in entry.names("needs")} for entry in document.entries
    }

    missing: dict[str, list[Entry]] = defaultdict(list)
    for entry in document.entries:
        for artifact, number in needs[entry].items():
            if artifact not in producing and number is not None:  # what should be a list has a finding already
                missing[artifact].append(entry)
    coming = {name: entry for entry in document.entries if not _runs(entry) for name in produced[entry][0]}
    yield from _missing(document, missing, needs, coming)

    waits: dict[Entry, list[str]] = {}
    for entry in produces:
        own = {artifact for artifact in needs[entry] if producing.get(artifact) == [entry]}
        waits[entry] = [name for name in needs[entry] if name not in own and name in producing]
        for artifact in own:
            path, node = entry.named("needs", needs[entry][artifact])
            words = partial(_own_supply, entry, artifact, coming.get(artifact))
            yield Finding(node.offset, "self-supply", words, path)
    needing: Mapping[str, Sequence[Entry]] = {}
    for knot in knots(waits, produces):
        lost = sorted(name for name in set().union(*knot.values()) if _feeds_on_itself(producing[name], needs, name))
        if not lost:
            yield _knot(knot)
            continue
        needing = needing or by_artifact(needs)  # once for all knots, of which there can be thousands
        entries = sorted({entry for name in lost for entry in needing[name]}, key=_number)
        yield _only_passed_on(document, lost, entries, knot, needs, coming)


def _runs(entry: Entry) -> bool:
    """Not coming soon, or not certainly so: then what it produces counts, and nothing is reported because of it."""
    return not entry.flag("coming_soon") or "coming_soon" in entry.doubtful


def _own_supply(entry: Entry, artifact: str, soon: Entry | None) -> Words:
    message = f"{entry.name}: needs {quoted(artifact)}, which only {entry.name} itself produces"
    if soon is not None:
        message += f", and {soon.name}, which is coming soon"
        return message, "let a module that is not coming soon produce it, or remove it from needs"
    return message, "remove it from needs, or let another module produce it"


def _missing(
    document: CheckedDocument, missing: dict[str, list[Entry]], needs: dict[Entry, Needs], coming: dict[str, Entry]
) -> Iterator[Finding]:
    """One finding for each artifact that nobody produces, and one for all that a coming-soon module alone produces.

    Each is at the first module that needs it.
    """
    awaited: dict[str, list[str]] = defaultdict(list)
    for artifact, entries in missing.items():
        if artifact in coming:
            awaited[coming[artifact].name].append(artifact)
        else:
            lack = _Lack(document, artifact, entries, needs)
            yield _lacking(artifact, entries[0], needs, lack.words, lack.fix)
    for producer, artifacts in awaited.items():
        entries = list(dict.fromkeys(entry for artifact in artifacts for entry in missing[artifact]))
        yield _lacking(artifacts[0], entries[0], needs, partial(_nobody_yet, artifacts, entries, producer))


def _lacking(
    artifact: str,
    first: Entry,
    needs: dict[Entry, Needs],
    words: Callable[[], Words],
    fix: Callable[[], Sequence[Edit]] = tuple,
) -> Finding:
    path, node = first.named("needs", needs[first][artifact])
    return Finding(node.place, "artifact-missing", words, path, fix)


@dataclass(slots=True, eq=False)
class _Lack:
    """An artifact that nobody produces, with those who need it."""

    document: CheckedDocument
    artifact: str
    entries: list[Entry]
    needs: dict[Entry, Needs]
    meant: str | None = None
    """What to write instead, once the words were made; nothing where the need is to go."""

    def words(self) -> Words:
        file, artifact = known(self.document), self.artifact
        who = _who_need([artifact], self.entries)
        message = f"{who}, which no module produces"
        module, meant = file.producers.get(artifact), file.closest(artifact)
        if module is not None and meant not in file.produced[module]:
            return f"{who}, which is a module, not an artifact", self._of_module(module)
        if is_nothing(artifact):
            self.meant = ""
            if all(len(self.needs[entry]) > 1 for entry in self.entries):
                return message, f"remove {artifact}: it says that nothing is needed"
            return message, "write [], or leave needs out, where a module needs nothing"
        if meant and meant not in file.asked_for:
            return message, self._unneeded(file.makers(meant), meant)
        self.meant = meant or None
        return message, f"did you mean {meant}?" if meant else "let a module produce it, or remove it from needs"

    def _of_module(self, module: Entry) -> str:
        names = sorted(known(self.document).produced[module])
        if module in self.entries:
            return "a module does not wait for itself: remove it from needs"
        if not names:
            return f"{module.name} produces nothing: remove it from needs"
        says = f"{module.name} produces {joined(names)}"
        if not _runs(module):
            return f"{says} once it is not coming soon any more: remove it from needs until then"
        likely = [name for name in names if name in known(self.document).available]
        if len(likely) != 1:
            return f"{says}: write what is needed of these"
        is_close = closest(self.artifact, likely, _MISSPELT) != ""
        if is_close and likely[0] not in known(self.document).asked_for:
            return self._unneeded(module.name, likely[0])
        (self.meant,) = likely
        return f"{says}: write {self.meant}"

    def _unneeded(self, who: str, other: str) -> str:
        """What nobody needs may be misspelled where it is produced, as well as where something like it is needed."""
        if len(self.entries) == 1:
            return f"did you mean {other}? {who} produces it, and nobody else needs it: or write {self.artifact} there"
        return f"{who} produces {other}, which nobody needs: write {self.artifact} there, or {other} here"

    def fix(self) -> Sequence[Edit]:
        """The edits of all who need it."""
        self.words()
        if self.meant is None:
            return ()
        edits: dict[int, Edit] = {}
        for entry in self.entries:
            number, field = self.needs[entry][self.artifact], entry.fields["needs"]
            _, node = entry.named("needs", number)
            if self.meant and self.meant not in self.needs[entry]:
                made = respelled(self.document.text, node, self.meant)
            elif number is None or len(field.children) == 1:
                made = rewritten(self.document.text, field, "[]")
            else:
                made = item_removed(self.document.text, field.children, number)
            if not made:
                return ()
            edits.update({edit.start: edit for edit in made})
        return sorted(edits.values())


def _feeds_on_itself(producers: list[Entry], needs: dict[Entry, Needs], artifact: str) -> bool:
    """Whether several modules produce an artifact, and all of them need it as well."""
    return len(producers) > 1 and all(artifact in needs[entry] for entry in producers)


def _only_passed_on(
    document: CheckedDocument,
    artifacts: list[str],
    entries: list[Entry],
    producers: Collection[Entry],
    needs: dict[Entry, Needs],
    coming: dict[str, Entry],
) -> Finding:
    """Artifacts that some pass on, and nobody begins with: whoever did is gone, coming soon or misspells them."""
    first = next(name for name in needs[entries[0]] if name in artifacts)
    words = partial(_no_beginning, document, artifacts, entries, sorted(producers, key=_number), coming.get(first))
    return _lacking(first, entries[0], needs, words)


def _number(entry: Entry) -> int:
    """Which of the entries of the file it is."""
    return int(entry.path[1])


def _no_beginning(
    document: CheckedDocument, artifacts: list[str], entries: list[Entry], producers: list[Entry], soon: Entry | None
) -> Words:
    it = "it" if len(artifacts) == 1 else "them"
    message = f"{_who_need(artifacts, entries)}, which only {joined([entry.name for entry in producers], 6)} produce"
    message += f", and they need {it} themselves"
    hint = f"let a module that does not need {it} produce {it}"
    if soon is not None:
        return message, f"{hint}: {soon.name} is coming soon"
    if name := known(document).closest_unneeded(artifacts[0]):
        return message, f"{hint}: {known(document).makers(name)} produces {name}, which nobody needs"
    return message, hint


def _nobody_yet(artifacts: list[str], entries: list[Entry], producer: str) -> Words:
    what = "it" if len(artifacts) == 1 else "them"
    message = f"{_who_need(artifacts, entries)}, which only {producer} produces, and that is coming soon"
    return message, f"remove {what} from needs, or let a module that is not coming soon produce {what}"


def _who_need(artifacts: list[str], entries: list[Entry]) -> str:
    verb = "needs" if len(entries) == 1 else "need"
    return f"{joined([entry.name for entry in entries])}: {verb} {joined(list(map(quoted, artifacts)))}"


def _knot(waits: Mapping[Entry, Collection[str]]) -> Finding:
    """One finding for a group of modules that wait for each other, at the first of them."""
    entries = sorted(waits, key=lambda entry: entry.node.offset)
    words = partial(_waiting, entries, {entry: sorted(waits[entry])[:_MOST_WAITS] for entry in entries[:_MOST_WAITS]})
    return Finding(entries[0].at("needs"), "waiting-knot", words, (*entries[0].path, "needs"))


def _waiting(entries: list[Entry], waits: Mapping[Entry, list[str]]) -> Words:
    each = "; ".join(f"{entry.name} needs {' and '.join(artifacts)}" for entry, artifacts in waits.items())
    message = f"{joined([entry.name for entry in entries])} wait for each other: {each}"
    return message, "let a module outside this group produce one of these, or drop a need"
