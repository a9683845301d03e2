"""The language server: messages of the protocol (LSP 3.17) to questions, and answers to messages."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from service.lsp import completion, fixes, hover, navigation
from service.lsp.document import Document
from service.problems import Edit, Problem, others_counted
from service.registry.check.catalogue import address, rules
from service.registry.references import Mention

#: The files that are registries, by name; a client may name others.
FILES = ("registry.yaml", "registry.yml")

#: A look at a file that takes less holds nobody up, in seconds.
_QUICK = 0.05

_SOURCE = "module-registry"

#: A registry with mistakes, in its YAML and in its values: what explains them is loaded once they are looked at.
_BROKEN = "modules:\n  - slug: a\n    category: b\n    needs: [c\n"

_KINDS = {
    "field": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "name": types.CompletionItemKind.Reference,
    "entry": types.CompletionItemKind.Snippet,
}
_PLACE_TO_FILL = re.compile(r"\$\d|\$\{\d:?([^|}]*)\}|\$\{\d\|[^}]*\|\}")


class _Refused(JsonRpcInvalidParams):
    """The answer to a request that cannot be granted: whoever asked is told why, and nothing went wrong here."""


def _went_wrong(record: logging.LogRecord) -> bool:
    """Whether a message of pygls is about something else than such an answer, which it logs with a traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], _Refused))


class RegistryServer(LanguageServer):
    """A language server that knows the open registries; every other file is left alone."""

    def __init__(self, files: Iterable[str] = FILES, rules_page: str | None = None) -> None:
        super().__init__(_SOURCE, version("module-registry"), types.TextDocumentSyncKind.Full, max_workers=1)
        self.files = tuple(files)
        self.rules_page = rules_page
        self.documents: dict[str, Document] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def is_registry(self, uri: str) -> bool:
        """Whether a file is looked at, by its name or, where a pattern has a slash, by the end of its path."""
        path = to_fs_path(uri) or uri
        return any(fnmatch(path, f"*/{name}") for name in self.files) or PurePath(path).name in self.files

    def opened(self, uri: str, text: str) -> None:
        """A file was opened, and is looked at at once."""
        self.documents[uri] = self._document(uri, text)
        self.publish(uri)

    def changed(self, uri: str, text: str) -> None:
        """It has another text, and is looked at soon.

        Where the last look took long, it waits until nothing came for as long, so that it does not hold up the answers
        to what is typed.
        """
        document = self.documents[uri] = self._document(uri, text, self.documents[uri])
        self._forget(uri)
        delay = document.cost if document.cost > _QUICK else 0
        self._waiting[uri] = asyncio.get_running_loop().call_later(delay, self.publish, uri)

    def closed(self, uri: str) -> None:
        """It is no longer open, and has no problems that anybody sees."""
        self._forget(uri)
        if self.documents.pop(uri, None):
            self._publish(uri, [])

    def _document(self, uri: str, text: str, after: Document | None = None) -> Document:
        file = PurePath(to_fs_path(uri) or uri).name
        encoding = types.PositionEncodingKind(self.workspace.position_encoding).value
        return Document(file, text, encoding, after)

    def _forget(self, uri: str) -> None:
        if waiting := self._waiting.pop(uri, None):
            waiting.cancel()

    def publish(self, uri: str) -> None:
        """Tell the client what is wrong with a file."""
        self._waiting.pop(uri, None)
        self._publish(uri, diagnostics(self.documents[uri], self.rules_page))

    def _publish(self, uri: str, found: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


def make_server(rules_page: str | None = None) -> RegistryServer:
    """A server with everything that it answers. `rules_page` is where the rules are explained, if that is known."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_went_wrong)
    server = RegistryServer(rules_page=rules_page)
    _register_documents(server)
    _register_answers(server)
    return server


def _register_documents(server: RegistryServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        files = options.get("files") if isinstance(options, dict) else None
        if isinstance(files, list) and all(isinstance(name, str) for name in files):
            server.files = tuple(files)
        diagnostics(Document("registry.yaml", _BROKEN, "utf-16"))  # so that the first file that is opened does not wait

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        if server.is_registry(params.text_document.uri):
            server.opened(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        if params.text_document.uri in server.documents and params.content_changes:
            server.changed(params.text_document.uri, params.content_changes[-1].text)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)


def _register_answers(server: RegistryServer) -> None:
    """The requests: each gets nothing for a file that is no registry."""

    def at(params: Any) -> tuple[Document, int] | None:
        document = server.documents.get(params.text_document.uri)
        return (document, document.offset(params.position)) if document else None

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", "[", "{", ",", "-", ":"])
    )
    def complete(params: types.CompletionParams) -> types.CompletionList | None:
        if (place := at(params)) is None or (found := completion.complete(*place)) is None:
            return None
        items = server.client_capabilities.text_document
        has_snippets = bool(
            items
            and items.completion
            and items.completion.completion_item
            and items.completion.completion_item.snippet_support
        )
        where = _range(place[0], found.start, found.end)
        made = [_completion(one, where, number, has_snippets) for number, one in enumerate(found.items)]
        return types.CompletionList(found.has_more, made)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def show(params: types.HoverParams) -> types.Hover | None:
        if (place := at(params)) is None or (found := hover.hover(*place)) is None:
            return None
        text, start, end = found
        return types.Hover(_markdown(text), _range(place[0], start, end))

    def locations(params: Any, look: Callable[[Document, int], list[Mention]]) -> list[types.Location]:
        place = at(params)
        found = look(*place) if place else []
        return [
            types.Location(params.text_document.uri, _range(place[0], one.start, one.end)) for one in found if place
        ]

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def define(params: types.DefinitionParams) -> list[types.Location]:
        return locations(params, navigation.definitions)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def refer(params: types.ReferenceParams) -> list[types.Location]:
        return locations(params, navigation.references)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        if (place := at(params)) is None or (found := navigation.renameable(*place)) is None:
            return None
        return types.PrepareRenamePlaceholder(_range(place[0], found.start, found.end), found.name)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        if (place := at(params)) is None:
            return None
        try:
            edits = navigation.rename(*place, params.new_name)
        except navigation.CannotRename as error:
            raise _Refused(str(error)) from error
        return _workspace_edit(place[0], params.text_document.uri, edits)

    kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    def act(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        found = fixes.fixes(document, document.offset(params.range.start), document.offset(params.range.end))
        every = fixes.all_fixes(document)
        offered = [(types.CodeActionKind.QuickFix, one) for one in found]
        offered += [(types.CodeActionKind.SourceFixAll, every)] if every else []
        wanted = params.context.only
        return [
            types.CodeAction(
                title=fix.title,
                kind=kind,
                diagnostics=[_diagnostic(document, problem, server.rules_page) for problem in fix.problems],
                edit=_workspace_edit(document, params.text_document.uri, fix.edits),
            )
            for kind, fix in offered
            if wanted is None or any(_is_of(kind, one) for one in wanted)
        ]


def _is_of(kind: types.CodeActionKind, wanted: types.CodeActionKind | str) -> bool:
    """Whether a kind of action is the wanted one, or one of those below it."""
    name = wanted.value if isinstance(wanted, types.CodeActionKind) else wanted
    return f"{kind.value}.".startswith(f"{name}.")


def _range(document: Document, start: int, end: int) -> types.Range:
    return types.Range(*(types.Position(*place) for place in document.range(start, end)))


def diagnostics(document: Document, rules_page: str | None = None) -> list[types.Diagnostic]:
    """What is wrong with a file: the problems that are put into words, and how many others there are; and warnings."""
    found = [_diagnostic(document, problem, rules_page) for problem in document.examined.problems]
    found += [_others(document)] if document.examined.others else []
    return found + [_diagnostic(document, warning, rules_page) for warning in document.examined.warnings]


def _diagnostic(document: Document, problem: Problem, rules_page: str | None) -> types.Diagnostic:
    where = _range(document, *document.span(problem))
    is_warning = rules()[problem.rule].is_warning
    severity = types.DiagnosticSeverity.Warning if is_warning else types.DiagnosticSeverity.Error
    href = address(problem.rule, rules_page)
    described = types.CodeDescription(href) if href else None
    return types.Diagnostic(where, problem.text, severity, problem.rule, described, _SOURCE)


def _others(document: Document) -> types.Diagnostic:
    """That there are more problems than are shown."""
    message = f"and {others_counted(document.examined.others)}, which are not shown"
    return types.Diagnostic(_range(document, 0, 0), message, types.DiagnosticSeverity.Error, source=_SOURCE)


def _completion(
    one: completion.Suggestion, where: types.Range, number: int, has_snippets: bool
) -> types.CompletionItem:
    insert = one.insert if has_snippets else _PLACE_TO_FILL.sub(lambda found: found[1] or "", one.insert)
    return types.CompletionItem(
        label=one.label,
        kind=_KINDS[one.kind],
        detail=one.detail or None,
        documentation=_markdown(one.documentation) if one.documentation else None,
        sort_text=f"{number:04}",
        insert_text_format=types.InsertTextFormat.Snippet if has_snippets else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(where, insert),
    )


def _markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def _workspace_edit(document: Document, uri: str, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    made = [types.TextEdit(_range(document, edit.start, edit.end), edit.new) for edit in edits]
    return types.WorkspaceEdit(changes={uri: made})
