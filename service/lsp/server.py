"""The language server: messages of the protocol (LSP 3.17) to questions, and answers to messages."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from functools import partial
from importlib.metadata import version
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from service.lsp import completion
from service.lsp.document import Document
from service.problems import Diagnostic, Edit, EditRefused
from service.registry.lint.catalogue import address, rules
from service.registry.lint.nodes import end_of
from service.wording import pluralized

#: The files that are registries, by name; a client may name others.
FILES: tuple[str, ...] = ("registry.yaml", "registry.yml")
#: Suggestions in one answer: of more than that a client asks again when more is typed.
MOST = 500
#: How long nothing comes before a file is looked at, in seconds.
_PAUSE = 0.1
_SOURCE = "module-registry"
_PLACE_TO_FILL = re.compile(r"\$\d|\$\{\d:?([^|}]*)\}|\$\{\d\|[^}]*\|\}")


class RegistryServer(LanguageServer):
    """A language server that knows the open registries; every other file is left alone.

    `rules_page` is where the rules are explained, if that is known.
    """

    def __init__(self, rules_page: str | None = None) -> None:
        super().__init__(_SOURCE, version("module-registry"), types.TextDocumentSyncKind.Full, max_workers=1)
        self.rules_page, self.files = rules_page, FILES
        self.documents: dict[str, Document] = {}
        logging.getLogger("pygls.protocol.json_rpc").addFilter(  # whoever asked is told why
            lambda record: not (record.exc_info and record.exc_info[0] is JsonRpcInvalidParams)
        )
        self.feature(types.INITIALIZE)(_initialize)
        self.feature(types.TEXT_DOCUMENT_DID_OPEN)(partial(self.took))
        self.feature(types.TEXT_DOCUMENT_DID_CHANGE)(partial(self.took))
        self.feature(types.TEXT_DOCUMENT_DID_CLOSE)(partial(self.closed))
        for request, answer, *options in _ANSWERS:
            self.feature(request, *options)(partial(_answer, answer))

    def took(self, params: Any) -> None:
        """A file was opened, or has another text, and is looked at soon.

        It waits until nothing came for a time, so that it does not hold up the answers to what is typed. A file is a
        registry by its name or, where a pattern has a slash, by the end of its path.
        """
        uri = params.text_document.uri
        if not any(fnmatch(f"/{to_fs_path(uri) or uri}", f"*/{name}") for name in self.files):
            return
        file, before = self.workspace.get_text_document(uri), self.documents.get(uri)
        encoding = types.PositionEncodingKind(self.workspace.position_encoding).value
        document = self.documents[uri] = Document(file.filename or uri, file.source, encoding, before)
        asyncio.get_running_loop().call_later(_PAUSE if before else 0, self.publish, uri, document)

    def publish(self, uri: str, document: Document) -> None:
        """Tell the client what is wrong with a file, if it still has this text."""
        if self.documents.get(uri) is document:
            told = diagnostics(document, self.rules_page)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, told))

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """It is no longer open, and has no problems that anybody sees."""
        if self.documents.pop(params.text_document.uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


def _initialize(ls: RegistryServer, params: types.InitializeParams) -> None:
    options = params.initialization_options
    files = options.get("files") if isinstance(options, dict) else None
    if isinstance(files, list):
        ls.files = tuple(map(str, files))


def _answer(answer: Callable[[RegistryServer, Document, Any], Any], ls: RegistryServer, params: Any) -> Any:
    """The answer to a request: nothing for a file that is no registry."""
    document = ls.documents.get(params.text_document.uri)
    return answer(ls, document, params) if document else None


def _complete(ls: RegistryServer, document: Document, params: types.CompletionParams) -> types.CompletionList | None:
    completed = completion.complete(document, document.offset(params.position))
    if completed is None:
        return None
    has_snippets = get_capability(ls.client_capabilities, "text_document.completion.completion_item.snippet_support")
    place, suggestions = completed
    where = _range(document, place.start, place.end)
    made = [
        types.CompletionItem(
            each.label,
            kind=types.CompletionItemKind[each.kind],
            detail=each.detail,
            documentation=each.documentation,
            sort_text=f"{number:04}",
            insert_text_format=types.InsertTextFormat(2 if has_snippets else 1),
            text_edit=types.TextEdit(where, each.insert if has_snippets else _PLACE_TO_FILL.sub(r"\1", each.insert)),
        )
        for number, each in enumerate(suggestions[:MOST])
    ]
    return types.CompletionList(len(suggestions) > MOST, made)


def _hover(_: RegistryServer, document: Document, params: types.HoverParams) -> types.Hover | None:
    text = completion.hover(document, document.offset(params.position))
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None


def _locate(look: Any, _: RegistryServer, document: Document, params: Any) -> list[types.Location]:
    mentions = look(document, document.offset(params.position))
    return [types.Location(params.text_document.uri, _range(document, each.start, each.end)) for each in mentions]


def _rename(_: RegistryServer, document: Document, params: types.RenameParams) -> types.WorkspaceEdit:
    try:
        edits = document.renamed(document.offset(params.position), params.new_name)
    except EditRefused as error:
        raise JsonRpcInvalidParams(str(error)) from error
    return _workspace_edit(document, params, edits)


def _act(ls: RegistryServer, document: Document, params: types.CodeActionParams) -> list[types.CodeAction]:
    start, end = document.offset(params.range.start), document.offset(params.range.end)
    wanted = tuple(f"{types.CodeActionKind(kind).value}." for kind in params.context.only or ())
    return [
        types.CodeAction(
            title,
            types.CodeActionKind(kind),
            diagnostics=[_diagnostic(document, problem, ls.rules_page) for problem in problems],
            edit=_workspace_edit(document, params, edits),
        )
        for title, kind, edits, problems in document.fixes(start, end)
        if params.context.only is None or f"{kind}.".startswith(wanted)  # a kind has those below it
    ]


_ANSWERS: tuple[Any, ...] = (
    (types.TEXT_DOCUMENT_COMPLETION, _complete, types.CompletionOptions(trigger_characters=[*" [{,-:"])),
    (types.TEXT_DOCUMENT_HOVER, _hover),
    (types.TEXT_DOCUMENT_DEFINITION, partial(_locate, Document.definitions)),
    (types.TEXT_DOCUMENT_REFERENCES, partial(_locate, Document.references)),
    (types.TEXT_DOCUMENT_RENAME, _rename),
    (types.TEXT_DOCUMENT_CODE_ACTION, _act, types.CodeActionOptions(code_action_kinds=["quickfix", "source.fixAll"])),
)


def diagnostics(document: Document, rules_page: str | None = None) -> list[types.Diagnostic]:
    """What is wrong with a file: the problems that are put into words, and how many others there are; and warnings."""
    seen = document.examined
    told = [_diagnostic(document, each, rules_page) for each in (*seen.problems, *seen.warnings)]
    if seen.others:
        message = f"and {pluralized(seen.others, 'other problem')}, which are not shown"
        told.append(types.Diagnostic(_range(document, 0, 0), message, types.DiagnosticSeverity.Error, source=_SOURCE))
    return told


def _diagnostic(document: Document, problem: Diagnostic, rules_page: str | None) -> types.Diagnostic:
    where = _range(document, problem.place, end_of(document.text, problem.place))
    href = address(problem.rule, rules_page)
    severity = types.DiagnosticSeverity(2 if rules()[problem.rule].is_warning else 1)
    described = types.CodeDescription(href) if href else None
    return types.Diagnostic(where, problem.text, severity, problem.rule, described, _SOURCE)


def _range(document: Document, start: int, end: int) -> types.Range:
    return types.Range(*(types.Position(*document.place(offset)) for offset in (start, end)))


def _workspace_edit(document: Document, params: Any, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    made = [types.TextEdit(_range(document, edit.start, edit.end), edit.new) for edit in edits]
    return types.WorkspaceEdit({params.text_document.uri: made})
