"""The bytes of a registry file -> plain values, each with its place in the file, and what is wrong with it as YAML."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import yaml
from yaml.reader import Reader

from service.problems import Edit
from service.registry.text.composing import Composer
from service.registry.text.encoding import decoded
from service.registry.text.misreadings import Torn
from service.registry.text.nodes import (
    Abandoned,
    Finding,
    Findings,
    Node,
    SourceMap,
    said,
)
from service.registry.text.prefixed import prefixed, strange_blanks
from service.registry.text.recovery import Recovery

#: Limits on a file: bytes, and directives: libyaml compares them with each other, and puts the text of one, which is
#: measured in characters, into every tag that uses it.
MAX_BYTES = 4 * 1024 * 1024
MAX_DIRECTIVES = 100
LONGEST_DIRECTIVE = 200

#: Line breaks are those of YAML 1.1 here.
_DIRECTIVE = re.compile("%(?<![^\n\r\x85\u2028\u2029]%)[^\n\r\x85\u2028\u2029]*")

TOO_LARGE = said(f"the file is larger than {MAX_BYTES // 1024**2} MiB", "shorten it")


@dataclass(slots=True)
class Source:
    """One file: its root (None if it could not be composed), and what was wrong with it as YAML."""

    root: Node | None
    findings: Findings
    source_map: SourceMap
    recovery: Recovery | None = None
    """What was done where the text is no YAML; None if it was not composed."""
    is_utf_8: bool = True
    """Whether the bytes of the file are its text in UTF-8, so that edits of the text can be made in the file."""

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        return self.source_map.position(offset)

    @property
    def values(self) -> int:
        """How many values, the keys among them, were read."""
        return self.recovery.values if self.recovery else 0

    @property
    def unread(self) -> int:
        """Lines that were not read, since too much was wrong before them, or nobody knows how to go on."""
        if self.recovery is None or self.recovery.stopped is None:
            return 0
        return len(self.source_map) - self.position(self.recovery.stopped)[0] + 1

    def fix(self, finding: Finding) -> tuple[Edit, ...]:
        """The edits that mend a finding.

        On a line that was patched, the patch alone is certain: other edits go by values that the file does not have.
        """
        if not self.is_utf_8:
            return ()
        edits = tuple(finding.fix())
        if self.recovery is None or not self.recovery.patch.edits or finding in self.recovery.findings:
            return edits
        return () if any(map(self._is_patched, edits)) else edits

    def _is_patched(self, edit: Edit) -> bool:
        """Whether something was patched on the lines of an edit."""
        assert self.recovery is not None
        start, end = self.source_map.lines(edit.start, edit.end)
        return self.recovery.patch.meets(start, end)


def read(data: bytes) -> Source:
    """Compose the bytes of a registry file. Never raises for bad input: what is wrong is in `findings`."""
    if len(data) > MAX_BYTES:
        return Source(None, Findings([Finding(0, "size", TOO_LARGE)]), SourceMap(""))
    found = decoded(data)
    text = found.text
    if found.words and not found.is_readable:
        return _refused(text, found.offset, "encoding", *found.words)
    for number, directive in enumerate(_DIRECTIVE.finditer(text)):
        if number < MAX_DIRECTIVES and len(directive.group()) <= LONGEST_DIRECTIVE:
            continue
        message = f"more than {MAX_DIRECTIVES} lines begin with %"
        if number < MAX_DIRECTIVES:
            message = f"a line that begins with % has more than {LONGEST_DIRECTIVE} characters"
        return _refused(text, directive.start(), "size", message, "a registry needs no such directives: remove them")
    recovery = Recovery(text, source_map := SourceMap(text))
    if "\N{BYTE ORDER MARK}" in text or Reader.NON_PRINTABLE.search(text):
        recovery.without_unprintable()
    root = None
    if not recovery.is_over and (before := prefixed(text) or strange_blanks(text)):
        recovery.take_out(before)
        recovery.is_over |= before.rule == "empty"  # nothing of it counts yet, so nothing else is wrong
    again = not recovery.is_over
    while again:
        composer = Composer(recovery, source_map)
        try:
            root, again = composer.document(), False
        except yaml.MarkedYAMLError as error:
            again = recovery.goes_on(error)
        except Torn as torn:
            recovery.without_line(torn)
    findings = Findings() if recovery.is_over else composer.findings
    with suppress(Abandoned):
        if found.words:
            findings.add(Finding(found.offset, "encoding", said(*found.words)))
        for finding in recovery.findings:
            findings.add(finding)
    return Source(None if recovery.is_over else root, findings, source_map, recovery, found.words is None)


def _refused(text: str, offset: int, rule: str, message: str, hint: str) -> Source:
    return Source(None, Findings([Finding(offset, rule, said(message, hint))]), SourceMap(text))
